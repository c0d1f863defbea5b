// SPDX-License-Identifier: Apache-2.0
package org.plurality.document;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Says why the library refused a document, without the values that its own messages quote. */
final class DocumentRefusal {
    private DocumentRefusal() {}

    static String reason(JsonProcessingException e) {
        return switch (e) {
            case StreamConstraintsException _ -> "it is longer, or nested more deeply, than any such document";
            case UnrecognizedPropertyException unknown -> "\"" + unknown.getPropertyName() + "\" is not known";
            case MismatchedInputException other -> mismatch(other);
            // Within an object, what is wrong with the text comes wrapped.
            case JsonMappingException other ->
                other.getCause() instanceof JsonProcessingException cause
                        ? reason(cause)
                        : "its " + place(other) + " cannot be read";
            default -> at(e.getLocation()) + syntax(e);
        };
    }

    private static String syntax(JsonProcessingException e) {
        if (String.valueOf(e.getOriginalMessage()).startsWith("Duplicate ")) {
            return "an object has a name twice";
        }
        return e instanceof JsonEOFException ? "the JSON text ends too early" : "it is not JSON";
    }

    private static String at(@Nullable JsonLocation location) {
        return location == null ? "" : "line " + location.getLineNr() + ", column " + location.getColumnNr() + ": ";
    }

    private static String mismatch(MismatchedInputException e) {
        if (e.getPath().isEmpty()) {
            return "it is not one JSON " + (isList(e.getTargetType()) ? "list" : "object");
        }
        return place(e) + " is not " + kind(e.getTargetType());
    }

    /** The members that lead to what is wrong. Names that a document chose itself are left out. */
    private static String place(JsonMappingException e) {
        StringBuilder place = new StringBuilder();
        boolean element = false;
        for (JsonMappingException.Reference reference : e.getPath()) {
            String name = reference.getFrom() instanceof Map ? "…" : reference.getFieldName();
            element = name == null;
            if (name != null) {
                place.append(place.isEmpty() ? "" : ".").append(name);
            }
        }
        return (element ? "an element of " : "") + (place.isEmpty() ? "the list" : "\"" + place + "\"");
    }

    private static String kind(@Nullable Class<?> type) {
        if (type == null) {
            return "what it should be";
        }
        if (type == String.class) {
            return "a string";
        }
        if (Number.class.isAssignableFrom(type) || type.isPrimitive()) {
            return "a whole number";
        }
        return isList(type) ? "a list" : type == Boolean.class ? "true or false" : "an object";
    }

    private static boolean isList(@Nullable Class<?> type) {
        return type != null && (type.isArray() || Collection.class.isAssignableFrom(type));
    }
}
