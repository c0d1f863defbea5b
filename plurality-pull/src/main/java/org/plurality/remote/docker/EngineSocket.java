// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.docker;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;

/**
 * A connection to where the daemon listens, in the form that an HTTP library takes: the JDK has no {@link Socket} for
 * Unix sockets, only channels. Closing it from another thread, or interrupting the reader, ends it at once.
 */
final class EngineSocket extends Socket {
    private final EngineAddress address;
    private final SocketChannel channel;

    EngineSocket(EngineAddress address) throws IOException {
        this.address = address;
        this.channel = address.isSocket() ? SocketChannel.open(StandardProtocolFamily.UNIX) : SocketChannel.open();
    }

    /** @param ignored what the library believes to be the daemon's address */
    @Override
    public void connect(SocketAddress ignored, int timeoutMillis) throws IOException {
        boolean _ = channel.connect(address.resolve());
    }

    @Override
    public InputStream getInputStream() {
        return Channels.newInputStream(channel);
    }

    @Override
    public OutputStream getOutputStream() {
        return Channels.newOutputStream(channel);
    }

    @Override
    public InetAddress getInetAddress() {
        return InetAddress.getLoopbackAddress();
    }

    @Override
    public boolean isConnected() {
        return channel.isConnected();
    }

    @Override
    public boolean isClosed() {
        return !channel.isOpen();
    }

    /** An export may take as long as it takes; it can be cancelled. */
    @Override
    public void setSoTimeout(int millis) {}

    @Override
    public int getSoTimeout() {
        return 0;
    }

    @Override
    public void shutdownInput() throws IOException {
        SocketChannel _ = channel.shutdownInput();
    }

    @Override
    public void shutdownOutput() throws IOException {
        SocketChannel _ = channel.shutdownOutput();
    }

    @Override
    public synchronized void close() throws IOException {
        channel.close();
    }
}
