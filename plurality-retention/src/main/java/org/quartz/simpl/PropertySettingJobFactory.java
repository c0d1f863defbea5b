// SPDX-License-Identifier: Apache-2.0
package org.quartz.simpl;

/**
 * Stands in for Quartz's class of this name. Every scheduler makes one before it is given another factory; Quartz's own needs {@code
 * java.beans}, for which our runtime would carry all of {@code java.desktop}. Our jar comes before Quartz's on the class path.
 */
public class PropertySettingJobFactory extends SimpleJobFactory {}
