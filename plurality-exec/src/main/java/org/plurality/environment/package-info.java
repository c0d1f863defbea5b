// SPDX-License-Identifier: Apache-2.0
/**
 * What a program in an image finds in its environment: {@link ImageConfig} reads what the image asks for,
 * {@link RankEnvironment} puts it on top of the scheduler's. Pure; knows no container runtime.
 */
@NullMarked
package org.plurality.environment;

import org.jspecify.annotations.NullMarked;
