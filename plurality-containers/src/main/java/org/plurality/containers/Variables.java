// SPDX-License-Identifier: Apache-2.0
package org.plurality.containers;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Lists of {@code NAME=VALUE}. */
final class Variables {
    private Variables() {}

    /** One value for each name, the last, in the place of the first. */
    static List<String> merge(List<String> variables) {
        Map<String, String> merged = new LinkedHashMap<>();
        for (String variable : variables) {
            int equals = variable.indexOf('=');
            if (equals > 0) {
                merged.put(variable.substring(0, equals), variable);
            }
        }
        return new ArrayList<>(merged.values());
    }
}
