package org.plurality.layer;

import org.plurality.posix.ByteString;

/**
 * An extended attribute that an image may set.
 *
 * @param name with its namespace
 * @param value any bytes
 */
public record Xattr(ByteString name, ByteString value) {}
