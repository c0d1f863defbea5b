// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.conf;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.reference.ImageReference;

/**
 * All that the files say together: one main file, then drop-ins in the order of their names, of which a later one
 * replaces what an earlier one says of the same prefix or alias. Read once; immutable.
 */
public final class RegistriesConf {
    /** The name that stands for auth files among the credential helpers. */
    private static final String AUTH_FILES = "containers-auth.json";

    static final List<String> USUAL_HELPERS = List.of(AUTH_FILES);

    private final Map<String, RegistryRule> rules;
    private final Map<String, String> aliases;
    private final List<String> searched;
    private final String shortNameMode;
    private final List<String> credentialHelpers;
    private final String source;

    RegistriesConf(
            Map<String, RegistryRule> rules,
            Map<String, String> aliases,
            List<String> searched,
            String shortNameMode,
            List<String> credentialHelpers,
            String source) {
        this.rules = Map.copyOf(rules);
        this.aliases = Map.copyOf(aliases);
        this.searched = List.copyOf(searched);
        this.shortNameMode = shortNameMode;
        this.credentialHelpers = List.copyOf(credentialHelpers);
        this.source = source;
    }

    /** Says nothing. */
    public static RegistriesConf none() {
        return new RegistriesConf(Map.of(), Map.of(), List.of(), "enforcing", USUAL_HELPERS, "registries.conf");
    }

    /**
     * Reads the file that a setting or {@code CONTAINERS_REGISTRIES_CONF} names, and no drop-ins; else the user's
     * {@code ~/.config/containers/registries.conf}, or, where there is none, {@code /etc/containers/registries.conf},
     * with the drop-ins of {@code /etc/containers/registries.conf.d}, then the user's.
     */
    public static RegistriesConf load(Optional<String> configured, Map<String, String> environment)
            throws PluralityException {
        String named = configured.orElse(environment.getOrDefault("CONTAINERS_REGISTRIES_CONF", ""));
        ConfReader reader = new ConfReader();
        if (!named.isBlank()) {
            if (!read(reader, Path.of(named))) {
                throw unusable(Path.of(named), "there is no such file", new NoSuchFileException(named));
            }
            return reader.conf();
        }
        Path user = Path.of(environment.getOrDefault("HOME", "/"), ".config", "containers");
        Path site = Path.of("/etc/containers");
        if (!read(reader, user.resolve("registries.conf"))) {
            read(reader, site.resolve("registries.conf"));
        }
        for (Path directory : List.of(site.resolve("registries.conf.d"), user.resolve("registries.conf.d"))) {
            for (Path file : dropIns(directory)) {
                read(reader, file);
            }
        }
        return reader.conf();
    }

    private static boolean read(ConfReader reader, Path file) throws PluralityException {
        try {
            reader.read(file, Files.readString(file, StandardCharsets.UTF_8));
            return true;
        } catch (NoSuchFileException | NotDirectoryException e) {
            return false;
        } catch (IOException e) {
            throw unusable(file, PluralityException.reasonOf(e), e);
        }
    }

    private static List<Path> dropIns(Path directory) throws PluralityException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory, "*.conf")) {
            stream.forEach(files::add);
        } catch (NoSuchFileException | NotDirectoryException e) {
            return files;
        } catch (DirectoryIteratorException e) {
            throw unusable(directory, "it cannot be listed", new IOException(e));
        } catch (IOException e) {
            throw unusable(directory, PluralityException.reasonOf(e), e);
        }
        files.sort(null);
        return files;
    }

    private static PluralityException unusable(Path file, String why, IOException cause) {
        return new PluralityException(
                FailureKind.USAGE,
                "cannot use " + file + ": " + why,
                "mend that file, see containers-registries.conf(5), or name another with PLURALITY_REGISTRIES_CONF",
                cause);
    }

    /**
     * The places of an image, the first to be asked first; the last is its own.
     *
     * @throws PluralityException (NOT_AUTHORISED) when the registry is blocked
     */
    public List<Endpoint> endpoints(ImageReference reference) throws PluralityException {
        String name = reference.registry() + "/" + reference.repository();
        RegistryRule rule = null;
        for (RegistryRule candidate : rules.values()) {
            if (candidate.matched(name) >= 0
                    && (rule == null
                            || candidate.prefix().length() > rule.prefix().length())) {
                rule = candidate;
            }
        }
        if (rule == null) {
            return List.of(new Endpoint(reference, false, false));
        }
        if (rule.blocked()) {
            throw new PluralityException(
                    FailureKind.NOT_AUTHORISED,
                    "cannot use " + reference + ": " + source + " blocks " + rule.prefix(),
                    "ask who wrote that file which registry is to be used instead");
        }
        List<Endpoint> endpoints = new ArrayList<>();
        int matched = rule.matched(name);
        for (RegistryRule.Mirror mirror : rule.mirrors()) {
            if (mirror.serves(reference, rule.digestsOnly())) {
                RegistryRule.rewritten(reference, matched, mirror.location())
                        .ifPresent(there -> endpoints.add(new Endpoint(there, mirror.insecure(), true)));
            }
        }
        RegistryRule found = rule;
        ImageReference own = RegistryRule.rewritten(reference, matched, rule.location())
                .orElseThrow(() -> new PluralityException(
                        FailureKind.USAGE,
                        "cannot use " + reference + ": " + source + " rewrites it to " + found.location()
                                + ", which makes no image's name",
                        "mend the location of " + found.prefix() + " in that file"));
        endpoints.add(new Endpoint(own, rule.insecure(), false));
        return endpoints;
    }

    /**
     * The whole names that a short one, without a registry, may stand for: its alias; else one for each registry that
     * is searched; else Docker Hub's.
     *
     * @param text as the user wrote it
     * @throws PluralityException (USAGE) when several could be meant and the mode allows no guess
     */
    public List<ImageReference> candidates(String text) throws PluralityException {
        ImageReference usual = ImageReference.parse(text);
        if (!isShort(text) || (aliases.isEmpty() && searched.isEmpty())) {
            return List.of(usual);
        }
        int end = nameEnd(text);
        String alias = aliases.get(text.substring(0, end));
        if (alias != null && !alias.isEmpty()) {
            return List.of(ImageReference.parse(alias + text.substring(end)));
        }
        List<ImageReference> candidates = new ArrayList<>();
        for (String registry : searched) {
            candidates.add(ImageReference.parse(registry + "/" + text));
        }
        if (candidates.isEmpty()) {
            return List.of(usual);
        }
        if (candidates.size() > 1 && shortNameMode.equals("enforcing")) {
            throw new PluralityException(
                    FailureKind.USAGE,
                    "cannot tell which registry '" + text + "' is in: " + source + " searches "
                            + String.join(", ", searched),
                    "write the whole name, such as " + candidates.getFirst() + ", or give it an alias in that file");
        }
        return candidates;
    }

    /** Credential helpers in the order in which they are asked; {@value #AUTH_FILES} refers to the auth files. */
    public List<String> credentialHelpers() {
        return credentialHelpers;
    }

    /** Whether a name has no registry in front. */
    static boolean isShort(String text) {
        int slash = text.indexOf('/');
        String first = slash < 0 ? "" : text.substring(0, slash);
        return first.indexOf('.') < 0 && first.indexOf(':') < 0 && !first.equals("localhost");
    }

    private static int nameEnd(String text) {
        int at = text.indexOf('@');
        int end = at < 0 ? text.length() : at;
        int colon = text.lastIndexOf(':', end - 1);
        return colon > text.lastIndexOf('/', end - 1) ? colon : end;
    }

    /** Whether the files say that this host and port may be spoken to over plain http. */
    public boolean isInsecure(String host) {
        for (RegistryRule rule : rules.values()) {
            if (rule.insecure()
                    && hostOf(rule.location().isEmpty() ? rule.prefix() : rule.location())
                            .equals(host)) {
                return true;
            }
            for (RegistryRule.Mirror mirror : rule.mirrors()) {
                if (mirror.insecure() && hostOf(mirror.location()).equals(host)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static String hostOf(String location) {
        int slash = location.indexOf('/');
        return slash < 0 ? location : location.substring(0, slash);
    }
}
