// SPDX-License-Identifier: Apache-2.0
/**
 * Shell scripts that set variables, read without running them: {@link Assignments} knows what a shell would have
 * set by plain assignments, and names what it cannot know; {@link ShellLexer} takes a script apart. Knows no image
 * and runs nothing. Specification: POSIX.1-2017, Shell Command Language.
 */
@NullMarked
package org.plurality.local.shell;

import org.jspecify.annotations.NullMarked;
