# Starts our own JVM, from the runtime and the ahead-of-time cache beside it.
# shellcheck shell=bash disable=SC2154 # prefix is the caller's

# What the user set for their own Java, loader or locale is not for ours; the program in the container gets it unchanged.
jvm() { # TOOL CLASS ARGUMENT...
  local tool=$1
  shift
  (
    unset JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS CLASSPATH LD_PRELOAD LD_LIBRARY_PATH
    export LC_ALL=C.UTF-8
    # shellcheck source=/dev/null
    . "$prefix/lib/$tool.jvm"
    export PLURALITY_VERSION=$jvm_version
    exec "$prefix/runtime/bin/java" "${jvm_options[@]}" "$@"
  )
}
