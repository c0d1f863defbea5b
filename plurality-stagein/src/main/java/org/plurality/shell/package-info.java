// SPDX-License-Identifier: Apache-2.0
/**
 * Shell scripts that set variables, read without running them: {@link org.plurality.shell.Assignments} knows what a
 * shell would have set by plain assignments, and names what it cannot know; {@link org.plurality.shell.ShellLexer}
 * takes a script apart. Knows no image and runs nothing. Specification: POSIX.1-2017, Shell Command Language.
 */
@NullMarked
package org.plurality.shell;

import org.jspecify.annotations.NullMarked;
