// SPDX-License-Identifier: Apache-2.0
package org.plurality.device;

import java.io.IOException;
import java.util.Map;
import org.plurality.json.JsonObject;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** A YAML 1.2 document as the JSON object that it stands for. The only class that knows the YAML library, so that others load without it. */
final class YamlDocument {
    private static final int MAX_ALIASES = 50;

    private YamlDocument() {}

    static JsonObject parse(String text) throws IOException {
        try {
            LoadSettings settings = LoadSettings.builder()
                    .setMaxAliasesForCollections(MAX_ALIASES)
                    .setCodePointLimit(JsonObject.MAX_BYTES)
                    .setAllowDuplicateKeys(false)
                    .build();
            if (new Load(settings).loadFromString(text) instanceof Map<?, ?> members) {
                return JsonObject.of(members);
            }
            throw new IOException("it is not a YAML mapping");
        } catch (YamlEngineException e) {
            throw new IOException("it is not YAML", e);
        }
    }
}
