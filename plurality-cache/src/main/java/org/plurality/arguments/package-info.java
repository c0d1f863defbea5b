/** What commands take, said in code. */
@NullMarked
package org.plurality.arguments;

import org.jspecify.annotations.NullMarked;
