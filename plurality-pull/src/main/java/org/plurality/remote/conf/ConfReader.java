// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.conf;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.plurality.reference.ImageReference;

/** Collects what several files say. Keys that only other tools need are passed over. */
final class ConfReader {
    private final Map<String, RegistryRule> rules = new LinkedHashMap<>();
    private final Map<String, String> aliases = new LinkedHashMap<>();
    private List<String> searched = List.of();
    private String shortNameMode = "enforcing";
    private List<String> credentialHelpers = RegistriesConf.USUAL_HELPERS;
    private final List<String> sources = new ArrayList<>();

    RegistriesConf conf() {
        String source = sources.isEmpty() ? "registries.conf" : String.join(" or ", sources);
        return new RegistriesConf(rules, aliases, searched, shortNameMode, credentialHelpers, source);
    }

    void read(Path file, String text) throws IOException {
        Map<String, Object> document = Toml.parse(text);
        if (document.get("registries") instanceof Map<?, ?>) {
            throw new IOException("it is of version 1 ([registries.search] and such), which is no longer read: write"
                    + " unqualified-search-registries and [[registry]] instead");
        }
        sources.add(file.toString());
        rules.putAll(rules(document));
        if (document.containsKey("unqualified-search-registries")) {
            searched = texts(document, "unqualified-search-registries");
            for (String host : searched) {
                requireHost(host);
            }
        }
        if (document.containsKey("credential-helpers")) {
            credentialHelpers = texts(document, "credential-helpers");
        }
        if (document.containsKey("short-name-mode")) {
            shortNameMode = text(document.get("short-name-mode"), "short-name-mode");
            if (!List.of("enforcing", "permissive", "disabled").contains(shortNameMode)) {
                throw new IOException("short-name-mode is enforcing, permissive or disabled");
            }
        }
        if (document.containsKey("aliases")) {
            for (Map.Entry<String, Object> alias :
                    table(document.get("aliases"), "aliases").entrySet()) {
                String name = text(alias.getValue(), alias.getKey());
                requireAlias(alias.getKey(), name);
                aliases.put(alias.getKey(), name);
            }
        }
    }

    /**
     * Of one file: there the first of several rules with one prefix counts, as for the tools that the file is shared
     * with.
     */
    private static Map<String, RegistryRule> rules(Map<String, Object> document) throws IOException {
        Map<String, RegistryRule> rules = new LinkedHashMap<>();
        Map<String, RegistryRule> byLocation = new LinkedHashMap<>();
        for (Object table : list(document, "registry")) {
            RegistryRule rule = rule(table(table, "registry"));
            String location = rule.location().isEmpty() ? rule.prefix() : rule.location();
            RegistryRule other = byLocation.putIfAbsent(location, rule);
            if (other != null && (other.blocked() != rule.blocked() || other.insecure() != rule.insecure())) {
                throw new IOException("it has " + location + " several times, and not always as "
                        + (other.blocked() != rule.blocked() ? "blocked" : "insecure"));
            }
            rules.putIfAbsent(rule.prefix(), rule);
        }
        return rules;
    }

    private static List<String> texts(Map<String, Object> document, String key) throws IOException {
        List<String> texts = new ArrayList<>();
        for (Object text : list(document, key)) {
            texts.add(text(text, key));
        }
        return texts;
    }

    private static void requireHost(String host) throws IOException {
        try {
            ImageReference _ = new ImageReference(plain(host), "any", "any", null);
        } catch (IllegalArgumentException e) {
            throw new IOException("'" + host + "' in unqualified-search-registries is not a registry host", e);
        }
    }

    private static void requireAlias(String alias, String name) throws IOException {
        boolean hasTag = name.indexOf('@') >= 0 || name.lastIndexOf(':') > name.lastIndexOf('/');
        boolean isBare = alias.indexOf('@') < 0 && alias.indexOf(':') < 0;
        if (!isBare || !RegistriesConf.isShort(alias)) {
            throw new IOException("the alias '" + alias + "' is not a name without registry, tag and digest");
        }
        try {
            ImageReference _ = ImageReference.parse(alias);
            // An empty one ends an alias of an earlier file.
            if (!name.isEmpty() && (hasTag || RegistriesConf.isShort(name))) {
                throw new IllegalArgumentException("it needs a registry, and neither tag nor digest");
            }
            ImageReference _ = ImageReference.parse(name.isEmpty() ? alias : name);
        } catch (IllegalArgumentException e) {
            throw new IOException("the alias '" + alias + "' cannot be '" + name + "': " + e.getMessage(), e);
        }
    }

    private static RegistryRule rule(Map<String, Object> table) throws IOException {
        String location = string(table, "location");
        String prefix = string(table, "prefix");
        if (prefix.isEmpty() && location.isEmpty()) {
            throw new IOException("a [[registry]] has neither prefix nor location");
        }
        if (table.containsKey("pull-from-mirror")) {
            throw new IOException("pull-from-mirror is said of a mirror, not of a [[registry]]");
        }
        if (location.isEmpty() && !prefix.startsWith("*.")) {
            throw new IOException("the [[registry]] of " + prefix + " has no location");
        }
        if (prefix.startsWith("*") && !prefix.matches("\\*(\\.[A-Za-z0-9-]+)+")) {
            throw new IOException("the prefix " + prefix + " is not like *.example.com");
        }
        List<RegistryRule.Mirror> mirrors = new ArrayList<>();
        for (Object each : list(table, "mirror")) {
            Map<String, Object> mirror = table(each, "registry.mirror");
            String there = string(mirror, "location");
            if (there.isEmpty()) {
                throw new IOException("a [[registry.mirror]] has no location");
            }
            if (flag(table, "mirror-by-digest-only") && mirror.containsKey("pull-from-mirror")) {
                throw new IOException("mirror-by-digest-only and pull-from-mirror exclude each other");
            }
            mirrors.add(new RegistryRule.Mirror(plain(there), flag(mirror, "insecure"), pullFrom(mirror)));
        }
        return new RegistryRule(
                plain(prefix.isEmpty() ? location : prefix),
                plain(location),
                flag(table, "insecure"),
                flag(table, "blocked"),
                flag(table, "mirror-by-digest-only"),
                mirrors);
    }

    private static RegistryRule.PullFrom pullFrom(Map<String, Object> mirror) throws IOException {
        String text = string(mirror, "pull-from-mirror");
        return switch (text) {
            case "", "all" -> RegistryRule.PullFrom.ALL;
            case "digest-only" -> RegistryRule.PullFrom.DIGEST_ONLY;
            case "tag-only" -> RegistryRule.PullFrom.TAG_ONLY;
            default -> throw new IOException("pull-from-mirror is all, digest-only or tag-only");
        };
    }

    /** Without what no image's name has. */
    private static String plain(String location) throws IOException {
        String text = location.endsWith("/") ? location.substring(0, location.length() - 1) : location;
        if (text.contains("://")) {
            throw new IOException("the location " + text + " has a scheme; write HOST[:PORT][/NAMESPACE]");
        }
        return text;
    }

    private static String string(Map<String, Object> table, String key) throws IOException {
        return table.containsKey(key) ? text(table.get(key), key) : "";
    }

    private static boolean flag(Map<String, Object> table, String key) throws IOException {
        Object value = table.getOrDefault(key, false);
        if (value instanceof Boolean flag) {
            return flag;
        }
        throw new IOException("'" + key + "' is not true or false");
    }

    private static List<?> list(Map<String, Object> table, String key) throws IOException {
        Object value = table.getOrDefault(key, List.of());
        if (value instanceof List<?> list) {
            return list;
        }
        throw new IOException("'" + key + "' is no list");
    }

    private static String text(@Nullable Object value, String key) throws IOException {
        if (value instanceof String text) {
            return text;
        }
        throw new IOException("'" + key + "' is no string");
    }

    @SuppressWarnings("unchecked") // The parser makes no other maps.
    private static Map<String, Object> table(@Nullable Object value, String key) throws IOException {
        if (value instanceof Map<?, ?> map) {
            return (Map<String, Object>) map;
        }
        throw new IOException("'" + key + "' is no table");
    }
}
