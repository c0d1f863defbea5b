// SPDX-License-Identifier: Apache-2.0
package org.plurality.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plurality.process.ProcessIdentity;

class ContainerStoreTest {
    private static final ContainerName NAME = new ContainerName("echo");

    @TempDir
    Path root;

    private ContainerStore store;

    @BeforeEach
    void makeStore() {
        store = new ContainerStore(root.resolve("containers"));
    }

    @Test
    void aDraftIsNoContainerUntilItIsPublished() throws Exception {
        ContainerStore.Draft draft = store.begin(NAME);
        assertThat(store.list()).isEmpty();
        Files.writeString(draft.container().config(), "{}");
        Container container = draft.publish();
        assertThat(store.list()).containsExactly(container);
        assertThat(store.find(NAME).config()).hasContent("{}");
    }

    @Test
    void theDirectoryIsOnesOwnAndWhatOthersMayWriteToIsRefused() throws Exception {
        store.begin(NAME).publish();
        Path containers = root.resolve("containers");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(containers)))
                .isEqualTo("rwx------");
        for (String mode : List.of("rwxrwx---", "rwx----w-")) {
            Files.setPosixFilePermissions(containers, PosixFilePermissions.fromString(mode));
            assertThatThrownBy(() -> store.begin(new ContainerName("next")))
                    .as(mode)
                    .hasMessageContaining("others may write there");
        }
    }

    @Test
    void ofTwoThatMakeOneNameTheSecondIsRefusedAndTheFirstStaysWhole() throws Exception {
        ContainerStore.Draft first = store.begin(NAME);
        ContainerStore.Draft second = store.begin(NAME);
        Files.writeString(first.container().config(), "first");
        Files.writeString(second.container().config(), "second");
        first.publish();
        assertThatThrownBy(second::publish).hasMessageContaining("there is a container of that name");
        second.discardQuietly();
        assertThat(store.find(NAME).config()).hasContent("first");
        assertThat(root.resolve("containers").toFile().list()).hasSize(1);
        assertThatThrownBy(() -> store.begin(NAME)).hasMessageContaining("there is a container of that name");
    }

    @Test
    void whatAKilledProcessLeftIsRemovedAndThatOfALivingOrAnotherHostIsNot() throws Exception {
        ProcessIdentity me = ProcessIdentity.current();
        Path containers = Files.createDirectory(root.resolve("containers"));
        String start = "~" + me.bootId() + "~";
        Path ended = Files.createDirectories(containers.resolve(".work." + me.host() + start + "4194305~1~a/rootfs"));
        Path rebooted = Files.createDirectory(
                containers.resolve(".work." + me.host() + "~earlier~" + me.pid() + "~" + me.startTicks() + "~a"));
        Path living = Files.createDirectory(
                containers.resolve(".work." + me.host() + start + me.pid() + "~" + me.startTicks() + "~a"));
        Path elsewhere = Files.createDirectory(containers.resolve(".work.other" + start + "4194305~1~a"));
        store.begin(NAME).publish();
        assertThat(ended).doesNotExist();
        assertThat(rebooted).doesNotExist();
        assertThat(living).exists();
        assertThat(elsewhere).exists();
    }

    @Test
    void aRemovedContainerIsGoneWithFilesThatTheirOwnerMayNotWrite() throws Exception {
        ContainerStore.Draft draft = store.begin(NAME);
        Path locked = Files.createDirectories(draft.container().directory().resolve("rootfs/locked"));
        Files.writeString(locked.resolve("file"), "x");
        assertThat(locked.toFile().setWritable(false)).isTrue();
        store.remove(draft.publish());
        assertThat(root.resolve("containers").toFile().list()).isEmpty();
        assertThatThrownBy(() -> store.find(NAME)).hasMessageContaining("there is none of that name");
    }
}
