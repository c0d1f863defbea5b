/**
 * Where an image can be: {@link org.plurality.source.ImageSource} and what is read of its {@link org.plurality.source.ImageConfig
 * configuration}. Pure; knows neither network nor disk.
 *
 * <p>Specification: containers-transports(5); OCI image specification 1.1, <i>config</i>.
 */
@NullMarked
package org.plurality.source;

import org.jspecify.annotations.NullMarked;
