// SPDX-License-Identifier: Apache-2.0
/**
 * Who one is to a registry: {@link CredentialStore} looks through the auth files that Docker and the containers
 * tools write, and asks credential helpers. Knows no HTTP. No type here shows a secret in its text.
 *
 * <p>Specification: containers-auth.json(5), Docker's {@code config.json} and credential helper protocol.
 */
@NullMarked
package org.plurality.remote.credentials;

import org.jspecify.annotations.NullMarked;
