// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.docker;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

/**
 * Where a daemon listens.
 *
 * @param text as {@code DOCKER_HOST} has it
 */
public record EngineAddress(String text) {
    private static final int USUAL_PORT = 2375;
    private static final String HINT =
            "write it like unix:///var/run/docker.sock or tcp://host:2375; of a daemon behind"
                    + " ssh or TLS: docker save NAME | plurality-stagein pull docker-archive:-";

    /**
     * What the setting says, else {@code DOCKER_HOST}, else the first socket there is: the user's own daemon, the system's, Podman's.
     *
     * @throws PluralityException (USAGE) when it is none that is spoken to here
     */
    public static EngineAddress of(Optional<String> setting, Map<String, String> environment)
            throws PluralityException {
        String named = setting.orElse(environment.getOrDefault("DOCKER_HOST", ""));
        if (!named.isEmpty()) {
            EngineAddress address = new EngineAddress(named);
            address.check(environment);
            return address;
        }
        List<String> sockets = new ArrayList<>();
        String runtime = environment.getOrDefault("XDG_RUNTIME_DIR", "");
        if (!runtime.isEmpty()) {
            sockets.add(runtime + "/docker.sock");
        }
        sockets.add("/var/run/docker.sock");
        if (!runtime.isEmpty()) {
            sockets.add(runtime + "/podman/podman.sock");
        }
        sockets.add("/run/podman/podman.sock");
        for (String socket : sockets) {
            if (Files.exists(Path.of(socket))) {
                return new EngineAddress("unix://" + socket);
            }
        }
        return new EngineAddress("unix:///var/run/docker.sock");
    }

    boolean isSocket() {
        return text.startsWith("unix://");
    }

    SocketAddress resolve() throws IOException {
        if (isSocket()) {
            return UnixDomainSocketAddress.of(text.substring("unix://".length()));
        }
        String rest = text.substring("tcp://".length());
        int colon = rest.lastIndexOf(':');
        boolean port = colon > rest.lastIndexOf(']');
        String host = port ? rest.substring(0, colon) : rest;
        InetSocketAddress address =
                new InetSocketAddress(host, port ? Integer.parseInt(rest.substring(colon + 1)) : USUAL_PORT);
        if (address.isUnresolved()) {
            throw new UnknownHostException(host);
        }
        return address;
    }

    private void check(Map<String, String> environment) throws PluralityException {
        boolean tcp = text.matches("tcp://(\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?");
        if (!(tcp || text.matches("unix://.+"))) {
            throw new PluralityException(
                    FailureKind.USAGE, "cannot use the Docker daemon " + text + ": no such address is known", HINT);
        }
        if (tcp && !environment.getOrDefault("DOCKER_TLS_VERIFY", "").isEmpty()) {
            throw new PluralityException(
                    FailureKind.USAGE,
                    "cannot use the Docker daemon " + text
                            + ": DOCKER_TLS_VERIFY asks for TLS, which is not spoken here",
                    HINT);
        }
    }
}
