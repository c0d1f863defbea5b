// SPDX-License-Identifier: Apache-2.0
package org.plurality.retention.expiry;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.plurality.config.DurationText;

/**
 * What counts for images of certain names instead of the rest of the policy: {@code docker.io/library/* after=90d}. In the pattern {@code
 * *} stands for anything but a slash, {@code **} for anything; it is compared with the whole reference.
 *
 * @param keep never to go
 * @param after likewise empty where it says nothing; {@code never} is the longest duration
 */
public record ExpiryRule(
        Pattern pattern,
        boolean keep,
        Optional<Duration> after,
        Optional<Duration> minAge,
        Optional<Integer> keepNewest) {
    /** Longer than any age. */
    static final Duration NEVER = Duration.ofDays(365_000);

    /** @throws IllegalArgumentException when it is no rule; the message says which part */
    public static ExpiryRule parse(String text) {
        List<String> words = new ArrayList<>(List.of(text.strip().split("\\s+", -1)));
        if (words.size() < 2) {
            throw new IllegalArgumentException("'" + text + "' is not PATTERN and what counts for it");
        }
        boolean keep = false;
        Optional<Duration> after = Optional.empty();
        Optional<Duration> minAge = Optional.empty();
        Optional<Integer> keepNewest = Optional.empty();
        for (String word : words.subList(1, words.size())) {
            int equals = word.indexOf('=');
            String value = word.substring(equals + 1);
            switch (equals < 0 ? word : word.substring(0, equals)) {
                case "keep" -> keep = true;
                case "after" -> after = Optional.of(value.equals("never") ? NEVER : DurationText.parse(value));
                case "min_age" -> minAge = Optional.of(DurationText.parse(value));
                case "keep_newest" -> keepNewest = Optional.of(number(value));
                default ->
                    throw new IllegalArgumentException(
                            "'" + word + "' is not keep, after=…, min_age=… or keep_newest=…");
            }
        }
        return new ExpiryRule(glob(words.get(0)), keep, after, minAge, keepNewest);
    }

    boolean matches(ImageUsage candidate) {
        return candidate.names().stream().anyMatch(name -> pattern.matcher(name).matches());
    }

    private static int number(String text) {
        if (!text.matches("[0-9]{1,6}")) {
            throw new IllegalArgumentException("'" + text + "' is not a number of images");
        }
        return Integer.parseInt(text);
    }

    private static Pattern glob(String glob) {
        StringBuilder pattern = new StringBuilder();
        for (int i = 0; i < glob.length(); i++) {
            boolean deep = glob.startsWith("**", i);
            if (glob.charAt(i) == '*') {
                pattern.append(deep ? ".*" : "[^/]*");
                i += deep ? 1 : 0;
            } else {
                pattern.append(Pattern.quote(glob.substring(i, i + 1)));
            }
        }
        return Pattern.compile(pattern.toString());
    }
}
