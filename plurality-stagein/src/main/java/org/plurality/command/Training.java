package org.plurality.command;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.plurality.pull.Interruption;
import org.plurality.reference.Digest;
import org.plurality.reference.Platform;

/**
 * What the JVM watches when the AOT cache is made: an image without layers that is staged in from a registry of its own on loopback, then
 * pulled again, found, listed and missed. What these ways load starts from the cache; what they do not load would be read from jars.
 */
final class Training {
    private static final String CONFIG = "{\"os\":\"linux\",\"architecture\":\""
            + Platform.current().architecture() + "\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}";
    private static final String MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";
    private static final String MANIFEST = "{\"schemaVersion\":2,\"mediaType\":\"" + MANIFEST_TYPE
            + "\",\"config\":{\"mediaType\":\"application/vnd.oci.image.config.v1+json\",\"digest\":\""
            + Digest.sha256(utf8(CONFIG)) + "\",\"size\":" + utf8(CONFIG).length + "},\"layers\":[]}";

    private Training() {}

    public static void main(String[] arguments) throws IOException {
        int failed = 0;
        try (ServerSocket registry = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
            Thread.ofPlatform().daemon().start(() -> serve(registry));
            String host = "127.0.0.1:" + registry.getLocalPort();
            String image = host + "/training/image:1";
            failed += run(host, 0, "pull", image);
            failed += run(host, 0, "pull", "--json", image);
            failed += run(host, 0, "path", image);
            failed += run(host, 0, "list");
            failed += run(host, 3, "pull", host + "/training/none:1");
            failed += run(host, 0, "rm", image);
            System.err.println("trained " + StageIn.class.getName());
        }
        System.exit(failed == 0 ? 0 : 1);
    }

    private static int run(String host, int expected, String... arguments) {
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.put("PLURALITY_INSECURE_REGISTRIES", host);
        Session session = new Session(
                environment, stream(FileDescriptor.out), stream(FileDescriptor.err), false, new Interruption());
        return new CommandLineProgram(session).run(arguments) == expected ? 0 : 1;
    }

    private static PrintStream stream(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
    }

    private static void serve(ServerSocket registry) {
        try {
            while (true) {
                try (Socket connection = registry.accept()) {
                    BufferedReader request = new BufferedReader(
                            new InputStreamReader(connection.getInputStream(), StandardCharsets.US_ASCII));
                    String first = String.valueOf(request.readLine());
                    while (!String.valueOf(request.readLine()).isEmpty()) {
                        // To the end of the headers.
                    }
                    answer(connection.getOutputStream(), first);
                }
            }
        } catch (IOException e) {
            // Closed at the end of the training.
        }
    }

    private static void answer(OutputStream out, String request) throws IOException {
        boolean isManifest = request.contains("/image/manifests/");
        boolean isThere = isManifest || request.contains("/image/blobs/");
        byte[] body = utf8(isManifest ? MANIFEST : isThere ? CONFIG : "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\"}]}");
        List<String> head = List.of(
                "HTTP/1.1 " + (isThere ? "200 OK" : "404 Not Found"),
                "Content-Type: " + (isManifest ? MANIFEST_TYPE : "application/json"),
                "Content-Length: " + body.length,
                "Connection: close",
                "",
                "");
        out.write(utf8(String.join("\r\n", head)));
        out.write(body);
        out.flush();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
