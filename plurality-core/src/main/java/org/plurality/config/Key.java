// SPDX-License-Identifier: Apache-2.0
package org.plurality.config;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.plurality.advice.Nearest;

/** Every setting and its meaning. The environment variable is {@code PLURALITY_} followed by the key in capitals. */
public enum Key {
    CACHE("cache", false, "the cache that images are staged into; default ~/.cache/plurality"),
    SITE_CACHES("site_caches", true, "caches that are searched after it, in order"),
    PLATFORM("platform", false, "os/architecture[/variant] of images; default this machine's"),
    PARALLEL_FETCHES("parallel_fetches", false, "layers that are fetched at once; default 4"),
    INSECURE_REGISTRIES("insecure_registries", true, "HOST[:PORT] that may be spoken to over plain http"),
    AUTH_FILE("auth_file", false, "credentials of registries, as Docker and containers tools keep them"),
    CA_FILE("ca_file", false, "certificates of registries to trust besides the system's, PEM"),
    ANSWER_TIMEOUT(
            "answer_timeout", false, "how long a registry may take to begin an answer, once connected; default 20min"),
    KEEP_BLOBS("keep_blobs", false, "how long fetched layers stay after their last use: none, 12h, 3d; default 1d"),
    REQUIRE_SIGNATURE(
            "require_signature", true, "public keys, PEM: images of registries need a signature by one of them"),
    SIGNATURE_POLICY("signature_policy", false, "policy.json that says which images may be staged in"),
    REGISTRIES_CONF("registries_conf", false, "registries.conf with mirrors, blocked registries and short names"),
    PROGRESS("progress", false, "auto, plain, json or none: what pull shows on standard error; default auto"),
    DOCKER_HOST(
            "docker_host", false, "where the daemon of docker-daemon: is; default DOCKER_HOST, else its usual socket"),
    MAX_BYTES("max_bytes", false, "largest image that is unpacked, with a unit; default 256GiB"),
    MAX_ENTRIES("max_entries", false, "most files in an image; default 20000000"),
    MAX_DEPTH("max_depth", false, "most directories in each other in an image; default 512"),
    MAX_PATH_LENGTH("max_path_length", false, "longest path in an image, in bytes; default 4096"),
    MAX_HEADER_BYTES("max_header_bytes", false, "largest header of a file in a layer, with a unit; default 1MiB"),
    MAX_RATIO("max_ratio", false, "most that a layer above 64MiB may be larger than its blob; default 0, any"),
    FORMAT("format", false, "dir, squashfs or auto: how an image's files are kept; default auto"),
    DEDUPE(
            "dedupe",
            false,
            "true: files that images kept as directories have in common are kept once, by hard links; default false"),
    SQUASHFS_FILESYSTEMS(
            "squashfs_filesystems", true, "filesystems, besides known ones, for which auto takes squashfs"),
    SQUASHFS_LEVEL("squashfs_level", false, "of zstd, 1 to 22; default 3"),
    SQUASHFS_BLOCK("squashfs_block", false, "block size of squashfs files, with a unit; default 1MiB"),
    SQUASHFS_MEMORY("squashfs_memory", false, "that mksquashfs may use, with a unit; default 128MiB"),
    SQUASHFS_PROCESSORS("squashfs_processors", false, "threads that compress; default all there are"),
    RUN_DIR("run_dir", false, "node-local directory for running containers; default /tmp/plurality-UID"),
    SHARE("share", false, "none, node or auto: whether ranks of a step on a node share one container"),
    LAUNCH_TIMEOUT("launch_timeout", false, "how long ranks wait for the one that makes their container; default 60s"),
    BIND("bind", true, "SOURCE[:DESTINATION[:ro|rw]] from the host, besides home and working directory"),
    CONTAINERS("containers", false, "directory of named containers; default ~/.runc/container"),
    RUNTIME(
            "runtime",
            false,
            "the OCI runtime, a path or a name on PATH; default runc, or crun where there is no runc"),
    EXPIRE_AFTER("expire_after", false, "images that nobody used for so long go, such as 30d; default never"),
    EXPIRE_MAX_BYTES(
            "expire_max_bytes", false, "with more in the cache, images go, used longest ago first; default no limit"),
    EXPIRE_MAX_INODES("expire_max_inodes", false, "likewise for files and directories; default no limit"),
    EXPIRE_MIN_FREE("expire_min_free", false, "with less free on the filesystem, images go; default no limit"),
    EXPIRE_MIN_FREE_INODES("expire_min_free_inodes", false, "likewise with fewer inodes free; default no limit"),
    EXPIRE_LOW_PERCENT(
            "expire_low_percent", false, "of a limit: once it is passed, images go until so much is left; default 90"),
    EXPIRE_MIN_AGE("expire_min_age", false, "younger images stay; default 1h"),
    EXPIRE_KEEP_NEWEST("expire_keep_newest", false, "so many of each repository stay; default 0"),
    EXPIRE_RULES("expire_rules", true, "PATTERN and keep, after=DURATION, min_age=DURATION or keep_newest=NUMBER"),
    EXPIRE_WAIT("expire_wait", false, "longer than attribute caches keep; default 75s"),
    LEASE_MAX_AGE("lease_max_age", false, "of leases that neither scheduler nor host vouches for; default 30d"),
    LEASE_MAX_PER_USER("lease_max_per_user", false, "such leases of a stranger on an image; default 1000"),
    LEASE_GRACE("lease_grace", false, "age of a lease before it is believed that its job is unknown; default 2min"),
    SCHEDULER_TIMEOUT("scheduler_timeout", false, "for each command that asks a scheduler; default 20s"),
    PREWARM_FILE("prewarm_file", false, "the list of images that the daemon keeps staged in"),
    METRICS_FILE("metrics_file", false, "where the daemon writes metrics for Prometheus"),
    SCHEDULE_EXPIRE(
            "schedule_expire", false, "when the daemon expires images, as Quartz's cron; default 0 7/15 * * * ?"),
    SCHEDULE_REAP("schedule_reap", false, "when it looks for leases that are over; default 30 0/5 * * * ?"),
    SCHEDULE_PREWARM("schedule_prewarm", false, "when it stages in prewarm_file; default 0 20 3 * * ?"),
    SCHEDULE_METRICS("schedule_metrics", false, "when it writes metrics_file; default 15 0/5 * * * ?"),
    SCHEDULE_SCRUB("schedule_scrub", false, "when it verifies a part of the cache; default 0 40 1 * * ?"),
    SCRUB_PERCENT("scrub_percent", false, "of the cache's bytes, verified each time; default 10"),
    SCRUB_TIME("scrub_time", false, "how long that may take; default 2h"),
    LOCAL("local", false, "true: squashfs images are copied to the node first"),
    LOCAL_MAX("local_max", false, "largest image that is copied to a node, with a unit; default 16GiB"),
    WRITABLE_TMPFS("writable_tmpfs", false, "true: changes to the image go to memory"),
    WRITABLE_TMPFS_SIZE("writable_tmpfs_size", false, "how much of it, with a unit; default 1GiB"),
    OVERLAY("overlay", false, "directory on the node to which changes to the image go"),
    PID("pid", false, "true: a process namespace for each container"),
    PULL("pull", false, "never or missing: whether an image that is not there is staged in first"),
    MOUNT("mount", true, "type=bind|tmpfs,source=...,destination=...: mounts besides 'bind'"),
    HOME_DIRECTORY("home", false, "SOURCE[:DESTINATION] that is the home directory inside"),
    NO_HOME("no_home", false, "true: the home directory is not there"),
    CONTAIN("contain", false, "true: own /tmp, few devices, no home and no current directory"),
    WORKDIR("workdir", false, "where programs start"),
    ENV("env", true, "NAME=VALUE over the image's and the host's variables"),
    ENV_FILE("env_file", true, "files of such lines"),
    CLEANENV("cleanenv", false, "true: of the host's variables only the scheduler's and the user's own"),
    ENTRYPOINT("entrypoint", false, "true: the image's entrypoint runs the command; or a program that does"),
    MPI("mpi", false, "image or host: whose MPI library programs use"),
    DEVICE("device", true, "devices by their CDI names, such as nvidia.com/gpu=all"),
    NV("nv", false, "true: NVIDIA GPUs and their driver's libraries"),
    ROCM("rocm", false, "true: AMD GPUs and their driver's libraries"),
    CDI_DIRS("cdi_dirs", true, "where CDI specifications are; default /etc/cdi and /var/run/cdi"),
    HOOKS_DIRS("hooks_dirs", true, "where OCI hooks are; default none"),
    PROFILE_DIRS("profile_dirs", true, "where profiles of host libraries are; default /etc/plurality/profiles"),
    EDF("edf", false, "name or file of the environment definition that programs run in when none is given"),
    DEBUG("debug", false, "true: say on standard error what is done"),
    SITE_BINDS(
            "site_binds", true, Authority.SITE, "binds that every launch has; left out where the source is not there"),
    FIXED("fixed", true, Authority.SITE, "keys that only the site's file sets");

    /** The sources that may set a key. */
    private enum Authority {
        ANYONE,
        SITE
    }

    private final String key;
    private final boolean list;
    private final Authority authority;
    private final String meaning;

    Key(String key, boolean list, String meaning) {
        this(key, list, Authority.ANYONE, meaning);
    }

    Key(String key, boolean list, Authority authority, String meaning) {
        this.key = key;
        this.list = list;
        this.authority = authority;
        this.meaning = meaning;
    }

    /** Returns whether only the site's file may set this key. */
    public boolean isSites() {
        return authority == Authority.SITE;
    }

    /**
     * Returns the character that separates a list's values in the environment: a newline if values may contain commas.
     */
    char separator() {
        return this == MOUNT || this == ENV ? '\n' : ',';
    }

    /** Returns the name in {@code plurality.toml}. */
    public String key() {
        return key;
    }

    /**
     * Returns whether the key takes several values: a list in {@code plurality.toml}, separated by {@link #separator}
     * in the environment.
     */
    public boolean isList() {
        return list;
    }

    public String meaning() {
        return meaning;
    }

    public String environmentName() {
        return "PLURALITY_" + key.toUpperCase(Locale.ROOT);
    }

    static @Nullable Key of(String key) {
        for (Key candidate : values()) {
            if (candidate.key.equals(key)) {
                return candidate;
            }
        }
        return null;
    }

    /** Returns the key whose name is nearest to a mistyped name. */
    static Key nearest(String mistyped) {
        Key nearest = CACHE;
        int least = Integer.MAX_VALUE;
        for (Key candidate : values()) {
            int distance = Nearest.distance(mistyped, candidate.key);
            if (distance < least) {
                least = distance;
                nearest = candidate;
            }
        }
        return nearest;
    }
}
