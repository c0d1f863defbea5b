package org.plurality.registries;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Collects what several files say. Keys that only other tools need are passed over. */
final class ConfReader {
    private final Map<String, RegistryRule> rules = new LinkedHashMap<>();
    private final Map<String, String> aliases = new LinkedHashMap<>();
    private List<String> searched = List.of();
    private String shortNameMode = "enforcing";
    private final List<String> sources = new ArrayList<>();

    RegistriesConf conf() {
        String source = sources.isEmpty() ? "registries.conf" : String.join(" or ", sources);
        return new RegistriesConf(rules, aliases, searched, shortNameMode, source);
    }

    void read(Path file, String text) throws IOException {
        Map<String, Object> document = Toml.parse(text);
        if (document.get("registries") instanceof Map<?, ?>) {
            throw new IOException("it is of version 1 ([registries.search] and such), which is no longer read: write"
                    + " unqualified-search-registries and [[registry]] instead");
        }
        sources.add(file.toString());
        for (Object table : list(document, "registry")) {
            RegistryRule rule = rule(table(table, "registry"));
            rules.put(rule.prefix(), rule);
        }
        if (document.containsKey("unqualified-search-registries")) {
            List<String> names = new ArrayList<>();
            for (Object name : list(document, "unqualified-search-registries")) {
                names.add(text(name, "unqualified-search-registries"));
            }
            searched = names;
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
                aliases.put(alias.getKey(), text(alias.getValue(), alias.getKey()));
            }
        }
    }

    private static RegistryRule rule(Map<String, Object> table) throws IOException {
        String location = string(table, "location");
        String prefix = string(table, "prefix");
        if (prefix.isEmpty() && location.isEmpty()) {
            throw new IOException("a [[registry]] has neither prefix nor location");
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
