// SPDX-License-Identifier: Apache-2.0
package org.plurality.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.plurality.fake.FakeImage;
import org.plurality.reference.Digest;

/** Manifests and configurations as registries and tools of all years have them. */
class ManifestParserTest {
    private static final String OCI = FakeImage.MANIFEST_TYPE;
    private static final String DOCKER = "application/vnd.docker.distribution.manifest.v2+json";
    private static final String IMAGE = new String(new FakeImage(1, 2, 10).manifest(), StandardCharsets.UTF_8);
    private static final String CONFIG = "application/vnd.oci.image.config.v1+json";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/json",
                "application/json; charset=utf-8",
                "application/octet-stream",
                "text/plain; charset=utf-8",
                ""
            })
    void generalContentTypeLeavesItToTheDocument(String type) throws IOException {
        assertThat(parse(IMAGE, type)).isInstanceOf(Manifest.Image.class);
        assertThat(parse(IMAGE.replace("\"mediaType\":\"" + OCI + "\",", ""), type))
                .isInstanceOf(Manifest.Image.class);
        assertThat(parse(IMAGE.replace("\"mediaType\":\"" + OCI + "\"", "\"mediaType\":\"\""), type))
                .isInstanceOf(Manifest.Image.class);
        assertThat(parse("{\"schemaVersion\":2,\"manifests\":[]}", type)).isInstanceOf(Manifest.Index.class);
    }

    @Test
    void contentTypeOfSomethingElseIsRefused() {
        assertThatThrownBy(() -> parse(IMAGE.replace("\"mediaType\":\"" + OCI + "\",", ""), "text/html"))
                .hasMessageContaining("announced as 'text/html'");
        assertThatThrownBy(() -> parse(IMAGE, DOCKER)).hasMessageContaining("but it is announced as");
    }

    /** Docker's registry called every configuration so before 2017. */
    @Test
    void configurationWithoutATypeIsTakenInDockersFormOnly() throws IOException {
        String old = IMAGE.replace(CONFIG, "application/octet-stream").replace(OCI, DOCKER);
        assertThat(parse(old, DOCKER)).isInstanceOf(Manifest.Image.class);
        assertThatThrownBy(() -> parse(old.replace(DOCKER, OCI), OCI))
                .isInstanceOf(NotAnImageException.class)
                .hasMessageContaining("it is an artifact (application/octet-stream)");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | it has no \"config\"",
                "[] | it is not one JSON object",
                "null | it is not one JSON object",
                "{\"schemaVersion\":2 | line 1, column 19: the JSON text ends too early",
                "{\"schemaVersion\":2}} | it is not JSON",
                "{\"layers\":[],\"layers\":[]} | an object has a name twice",
                "{\"config\":{\"digest\":\"a\",\"digest\":\"b\"}} | an object has a name twice",
                "{\"layers\":[],\"manifests\":[]} | it claims to be an index and an image at once",
                "{\"config\":{},\"manifests\":[]} | it claims to be an index and an image at once",
                "{\"schemaVersion\":1,\"fsLayers\":[]} | it is a Docker schema 1 manifest",
                "{\"config\":{},\"layers\":[]} | a descriptor has no \"digest\"",
                "{\"config\":[],\"layers\":[]} | \"config\" is not an object",
                "{\"config\":null,\"layers\":{}} | \"layers\" is not a list",
                "{\"layers\":[1]} | an element of \"layers\" is not an object",
                "{\"layers\":[null]} | an element of \"layers\"",
                "{\"config\":{\"size\":\"12\"}} | \"config.size\" is not a whole number",
                "{\"config\":{\"size\":1.5}} | \"config.size\" is not a whole number",
                "{\"config\":{\"mediaType\":5}} | \"config.mediaType\" is not a string"
            })
    void refusalSaysWhyAndQuotesNoValue(String document, String why) {
        assertThatThrownBy(() -> parse(document, OCI))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(why)
                .hasNoCause();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"Env\":\"A=1\" | \"config.Env\" is not a list",
                "\"Env\":[1] | an element of \"config.Env\" is not a string",
                "\"Env\":[null] | an element of \"config.Env\"",
                "\"Cmd\":\"sh\" | \"config.Cmd\" is not a list",
                "\"Cmd\":[[\"sh\"]] | an element of \"config.Cmd\" is not a string",
                "\"Entrypoint\":{} | \"config.Entrypoint\" is not a list",
                "\"Entrypoint\":[true] | an element of \"config.Entrypoint\" is not a string",
                "\"WorkingDir\":[] | \"config.WorkingDir\" is not a string"
            })
    void configurationThatNoContainerCouldStartWithIsRefused(String member, String why) {
        assertThatThrownBy(() -> ImageConfig.parseRunnable(FakeImage.utf8("{\"config\":{" + member + "}}")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(why);
    }

    @Test
    void variablesThatTheKernelWouldRefuseAreRefused() throws IOException {
        String most = "A=" + "x".repeat(131_069);
        assertThat(ImageConfig.parseRunnable(config(most))).isNotNull();
        assertThatThrownBy(() -> ImageConfig.parseRunnable(config(most + "x")))
                .hasMessage("an element of \"Env\" is longer than the 131071 bytes that Linux takes");
        assertThatThrownBy(() -> ImageConfig.parseRunnable(config("A=" + "é".repeat(65_535))))
                .hasMessageContaining("longer than the 131071 bytes");
        assertThat(ImageConfig.parseRunnable(config("A=1\",\"".repeat(9_999) + "A=1")))
                .isNotNull();
        assertThatThrownBy(() -> ImageConfig.parseRunnable(config("A=1\",\"".repeat(10_000) + "A=1")))
                .hasMessage("it sets 10001 environment variables, more than 10000");
    }

    @Test
    void nullsOfGoProgramsSayNothing() throws IOException {
        byte[] document = FakeImage.utf8("{\"os\":\"linux\",\"architecture\":\"x86_64\",\"variant\":null,\"config\":"
                + "{\"Env\":null,\"Cmd\":null,\"Entrypoint\":null,\"Labels\":null,\"Volumes\":null},"
                + "\"rootfs\":{\"diff_ids\":null},\"history\":null}");
        assertThat(ImageConfig.parseRunnable(document).architecture()).isEqualTo("amd64");
        assertThat(RuntimeConfig.parse(document).lists()).isEmpty();
    }

    private static byte[] config(String variables) {
        return FakeImage.utf8("{\"config\":{\"Env\":[\"" + variables + "\"]}}");
    }

    private static Manifest parse(String document, String type) throws IOException {
        byte[] bytes = FakeImage.utf8(document);
        return ManifestParser.parse(Digest.sha256(bytes), bytes, type);
    }
}
