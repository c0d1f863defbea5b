/**
 * What a person sees while an image is staged in: {@link org.plurality.progress.Progress}. On standard error only. Knows nothing of
 * how images are fetched.
 */
@NullMarked
package org.plurality.progress;

import org.jspecify.annotations.NullMarked;
