// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.registry;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * One entry of {@code NO_PROXY}, in lower case: {@code *}, a host, a domain with or without a leading dot or {@code
 * *.}, an address or a network. Hosts, domains and addresses may have a port.
 */
record NoProxyEntry(String text) {
    /** @param host in lower case; an IPv6 address has no brackets */
    boolean matches(String host, int port) {
        if (text.equals("*")) {
            return true;
        }
        if (text.indexOf('/') >= 0) {
            return isInNetwork(host);
        }
        String name = text;
        int bracket = name.indexOf(']');
        int colon = name.lastIndexOf(':');
        if (colon > bracket && (bracket > 0 || name.indexOf(':') == colon)) {
            if (!name.substring(colon + 1).equals(Integer.toString(port))) {
                return false;
            }
            name = name.substring(0, colon);
        }
        if (name.startsWith("[") && name.endsWith("]")) {
            name = name.substring(1, name.length() - 1);
        }
        if (isAddress(name)) {
            return isAddress(host) && bits(name).equals(bits(host)) && isSix(name) == isSix(host);
        }
        String domain = name.startsWith("*.") ? name.substring(1) : name;
        String suffix = domain.startsWith(".") ? domain : "." + domain;
        return suffix.length() > 1 && !isAddress(host) && (host.equals(suffix.substring(1)) || host.endsWith(suffix));
    }

    private boolean isInNetwork(String host) {
        int slash = text.indexOf('/');
        String network = text.substring(0, slash);
        if (!isAddress(network) || !isAddress(host) || isSix(network) != isSix(host)) {
            return false;
        }
        int all = isSix(host) ? 128 : 32;
        int prefix;
        try {
            prefix = Integer.parseInt(text.substring(slash + 1));
        } catch (NumberFormatException e) {
            return false;
        }
        return prefix >= 0
                && prefix <= all
                && bits(network).shiftRight(all - prefix).equals(bits(host).shiftRight(all - prefix));
    }

    /** Tells whether a name is an address by its form, so that no name is ever looked up. */
    private static boolean isAddress(String name) {
        return isSix(name) || name.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}");
    }

    private static boolean isSix(String name) {
        return name.indexOf(':') >= 0 && name.matches("[0-9a-f:.]+");
    }

    private static BigInteger bits(String address) {
        try {
            return new BigInteger(1, InetAddress.getByName(address).getAddress());
        } catch (UnknownHostException e) {
            // The digits are no valid address, so they equal no address.
            return BigInteger.valueOf(-1);
        }
    }
}
