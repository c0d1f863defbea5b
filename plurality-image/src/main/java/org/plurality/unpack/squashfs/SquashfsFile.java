// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.squashfs;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.unpack.rootfs.ArchiveTarget;

/**
 * A squashfs file that {@code mksquashfs} makes of a tar, without unpacking it anywhere. The program ends with {@link #close}, and by
 * itself when this process dies: its input ends early.
 *
 * <p>A tar cannot describe the root directory to it. That is done by appending an empty directory to the finished file, which writes
 * nothing but its tables anew (20 ms).
 */
public final class SquashfsFile implements ArchiveTarget {
    private static final int WAIT_SECONDS = 5;

    private final Path file;
    private final Path scratch;
    private final SquashfsTools tools;
    private final SquashfsOptions options;
    private volatile @Nullable Process process;
    private @Nullable Complaints complaints;
    private boolean isMade;

    /**
     * @param file absent
     * @param scratch a directory for files of a moment, on any filesystem
     */
    public SquashfsFile(Path file, Path scratch, SquashfsTools tools, SquashfsOptions options) {
        this.file = file.toAbsolutePath();
        this.scratch = scratch;
        this.tools = tools;
        this.options = options;
    }

    @Override
    public OutputStream begin() throws PluralityException {
        stop();
        List<String> command = new ArrayList<>(List.of("-", file.toString(), "-tar", "-noappend"));
        command.addAll(List.of("-comp", "zstd", "-Xcompression-level", String.valueOf(options.level())));
        command.addAll(List.of("-b", String.valueOf(options.blockBytes())));
        return start(command).getOutputStream();
    }

    @Override
    public void end(Root root) throws PluralityException {
        await();
        setRoot(root);
        isMade = true;
    }

    @Override
    public void close() {
        stop();
        if (!isMade) {
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                // It goes with the directory that it is in.
            }
        }
    }

    /** Kills what runs, from any thread: who writes to it or waits for it fails at once. */
    public void cancel() {
        Process running = process;
        if (running != null) {
            running.destroyForcibly();
        }
    }

    private void setRoot(Root root) throws PluralityException {
        Path empty = scratch.resolve("empty");
        try {
            Files.createDirectory(empty);
            List<String> command = new ArrayList<>(List.of(empty.toString(), file.toString(), "-no-recovery"));
            command.addAll(List.of("-root-mode", Integer.toOctalString(root.mode())));
            command.addAll(List.of("-root-uid", Integer.toUnsignedString(root.uid())));
            command.addAll(List.of("-root-gid", Integer.toUnsignedString(root.gid())));
            command.addAll(List.of("-root-time", String.valueOf(root.seconds())));
            start(command);
            await();
            Files.delete(empty);
        } catch (IOException e) {
            throw PluralityException.storage("cannot write " + file, e);
        }
    }

    private Process start(List<String> what) throws PluralityException {
        List<String> command = new ArrayList<>();
        command.add(tools.maker().toString());
        command.addAll(what);
        command.addAll(List.of("-mem", (options.memoryBytes() >> 20) + "M"));
        command.addAll(List.of("-processors", String.valueOf(options.processors())));
        // The same image gives the same file.
        command.addAll(List.of("-mkfs-time", "0", "-no-exports", "-no-progress", "-quiet"));
        ProcessBuilder builder = new ProcessBuilder(command);
        // It refuses -mkfs-time besides.
        builder.environment().remove("SOURCE_DATE_EPOCH");
        builder.environment().put("LC_ALL", "C");
        builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
        try {
            Process started = builder.start();
            process = started;
            complaints = Complaints.of(started.getErrorStream());
            return started;
        } catch (IOException e) {
            throw SquashfsTools.unusable("mksquashfs does not start (" + PluralityException.reasonOf(e) + ")");
        }
    }

    /** Ends its input and waits for its end. */
    private void await() throws PluralityException {
        Process running = process;
        Complaints said = complaints;
        if (running == null || said == null) {
            throw new IllegalStateException("not begun");
        }
        try {
            running.getOutputStream().close();
        } catch (IOException e) {
            // It has ended already; its status says more.
        }
        try {
            int status = running.waitFor();
            if (status != 0) {
                throw failed(status, said.text());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PluralityException(
                    FailureKind.INTERRUPTED, "cannot wait for mksquashfs: interrupted", "run it again", e);
        }
        process = null;
    }

    private PluralityException failed(int status, String words) {
        if (words.contains("Compressor \"zstd\" is not supported")) {
            return SquashfsTools.unusable("mksquashfs was built without zstd");
        }
        if (words.contains("No space left on device") || words.contains("Disk quota exceeded")) {
            boolean isFull = words.contains("No space left on device");
            return PluralityException.storage(
                    "cannot write " + file,
                    new IOException(isFull ? "No space left on device" : "Disk quota exceeded"));
        }
        String ended = status > 128 ? "was ended by signal " + (status - 128) : "ended with status " + status;
        return new PluralityException(
                FailureKind.STORAGE,
                "cannot make " + file + ": mksquashfs " + ended + (words.isEmpty() ? "" : ": " + words),
                "stage in with --format dir, or report this with what mksquashfs says");
    }

    private void stop() {
        Process running = process;
        process = null;
        if (running == null) {
            return;
        }
        running.destroyForcibly();
        try {
            // Else it could go on writing what is removed next.
            boolean ended = running.waitFor(WAIT_SECONDS, TimeUnit.SECONDS);
            assert ended || running.isAlive();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
