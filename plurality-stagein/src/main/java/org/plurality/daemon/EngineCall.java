package org.plurality.daemon;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * One {@code GET} over a connection of its own, in as much of HTTP/1.1 as daemons answer with. Closing it from another thread, or
 * interrupting the reader, ends it at once.
 */
final class EngineCall implements AutoCloseable {
    private static final int MAX_HEAD_BYTES = 64 << 10;

    private final SocketChannel channel;
    private int headBytes;
    private int status;
    private InputStream body = InputStream.nullInputStream();

    private EngineCall(SocketChannel channel) {
        this.channel = channel;
    }

    /** Connects; sends nothing yet. */
    static EngineCall open(EngineAddress address) throws IOException {
        SocketChannel channel =
                address.isSocket() ? SocketChannel.open(StandardProtocolFamily.UNIX) : SocketChannel.open();
        try {
            channel.connect(address.resolve());
            return new EngineCall(channel);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** @param path with what is not plain in it encoded */
    void get(String path) throws IOException {
        ByteBuffer request = ByteBuffer.wrap(
                ("GET " + path + " HTTP/1.1\r\nHost: docker\r\nUser-Agent: plurality\r\nConnection: close\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        while (request.hasRemaining()) {
            channel.write(request);
        }
        InputStream in = new BufferedInputStream(Channels.newInputStream(channel), 64 << 10);
        String first = line(in);
        while (first.startsWith("HTTP/1.1 1")) {
            String line = line(in);
            while (!line.isEmpty()) {
                line = line(in);
            }
            first = line(in);
        }
        if (!first.matches("HTTP/1\\.[01] [0-9]{3}( .*)?")) {
            throw new IOException("it does not answer in HTTP");
        }
        status = Integer.parseInt(first.substring(9, 12));
        boolean chunked = false;
        body = in;
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            String header = line.toLowerCase(Locale.ROOT);
            if (header.startsWith("transfer-encoding:") && header.endsWith("chunked")) {
                chunked = true;
                body = new Chunks(in);
            } else if (header.startsWith("content-length:") && !chunked) {
                body = new Sized(
                        in, length(header.substring("content-length:".length()).strip(), 10));
            }
        }
    }

    int status() {
        return status;
    }

    /** To its true end: what breaks off before throws. */
    InputStream body() {
        return body;
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // Nothing is lost.
        }
    }

    private String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        while (true) {
            int next = in.read();
            if (next < 0) {
                throw new EOFException("the connection ended");
            }
            if (++headBytes > MAX_HEAD_BYTES) {
                throw new IOException("its answer begins with more than " + MAX_HEAD_BYTES + " bytes of headers");
            }
            if (next == '\n') {
                return line.toString();
            }
            if (next != '\r') {
                line.append((char) next);
            }
        }
    }

    private static long length(String text, int radix) throws IOException {
        try {
            long length = Long.parseLong(text, radix);
            if (length >= 0) {
                return length;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new IOException("it does not answer in HTTP");
    }

    /** A body of known length. */
    private static class Sized extends InputStream {
        final InputStream in;
        long left;

        Sized(InputStream in, long length) {
            this.in = in;
            this.left = length;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            if (left == 0) {
                return -1;
            }
            int read = in.read(buffer, offset, (int) Math.min(length, left));
            if (read < 0) {
                throw new EOFException("the connection ended");
            }
            left -= read;
            return read;
        }
    }

    /** A body in chunks. */
    private static final class Chunks extends Sized {
        private boolean ended;
        private boolean first = true;

        Chunks(InputStream in) {
            super(in, 0);
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            if (left == 0 && !ended) {
                next();
            }
            return ended ? -1 : super.read(buffer, offset, length);
        }

        private void next() throws IOException {
            StringBuilder size = new StringBuilder();
            int skip = first ? 0 : 2;
            first = false;
            for (int next = in.read(); next != '\n' || skip > 0; next = in.read()) {
                if (next < 0) {
                    throw new EOFException("the connection ended");
                }
                if (skip > 0) {
                    skip--;
                } else if (size.length() < 64) {
                    size.append((char) next);
                } else {
                    throw new IOException("it does not answer in HTTP");
                }
            }
            String text = size.toString().strip();
            int extension = text.indexOf(';');
            left = length(extension < 0 ? text : text.substring(0, extension), 16);
            ended = left == 0;
        }
    }
}
