// SPDX-License-Identifier: Apache-2.0
package org.plurality.arguments;

/** Reads {@code help}, {@code help COMMAND} and {@code version} as the options that they are here. */
public final class HelpWords {
    private HelpWords() {}

    /** Returns the arguments with such a first word put as the option that it means. */
    public static String[] asOptions(String[] arguments) {
        if (arguments.length == 1 && arguments[0].equals("version")) {
            return new String[] {"--version"};
        }
        if (arguments.length == 0 || !arguments[0].equals("help")) {
            return arguments;
        }
        String[] asked = new String[arguments.length];
        System.arraycopy(arguments, 1, asked, 0, arguments.length - 1);
        asked[arguments.length - 1] = "--help";
        return asked;
    }
}
