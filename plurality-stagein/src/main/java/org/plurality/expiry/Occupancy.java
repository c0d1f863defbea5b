package org.plurality.expiry;

/**
 * What is in a cache besides its images, and around it.
 *
 * @param blobBytes in {@code blobs/}
 * @param blobs how many
 * @param freeBytes on its filesystem, for its owner
 */
public record Occupancy(long blobBytes, long blobs, long freeBytes) {}
