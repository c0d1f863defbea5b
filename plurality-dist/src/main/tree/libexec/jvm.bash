# SPDX-License-Identifier: Apache-2.0
# Becomes our own JVM, from the runtime and the ahead-of-time cache beside it.
# shellcheck shell=bash disable=SC2154 # prefix is the caller's

# What the user set for their own Java, loader or locale is not for ours. Replaces the calling shell.
# lib/TOOL.jvm has its options; what of a tool has a cache of its own is called TOOL-PART.
become_jvm() { # TOOL[-PART] CLASS ARGUMENT...
  local tool=$1 heap=${1%%-*} jvm_release jvm_options
  heap=PLURALITY_${heap^^}_HEAP
  shift
  unset JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS CLASSPATH LD_PRELOAD LD_LIBRARY_PATH
  # shellcheck source=/dev/null
  . "$prefix/lib/$tool.jvm"
  [[ -z ${!heap-} ]] || jvm_options+=("-Xmx${!heap}")
  export LC_ALL=C.UTF-8 PLURALITY_VERSION=$jvm_release
  set -- "$prefix/runtime/bin/java" "${jvm_options[@]}" "$@"
  exec "$@"
}
