// SPDX-License-Identifier: Apache-2.0
package org.plurality.environment;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The variables that a launch sets in every rank, apart from those that the rank brings itself.
 *
 * <p>A rank keeps the scheduler's environment; the image's variables go on top, and {@code --env} on top of those. An
 * image cannot set what tells ranks apart or who the user is: {@link #isReserved}. The launcher sets them in the call that
 * starts the program, so that none reaches a program of the host.
 *
 * @param variables by name
 */
public record RankEnvironment(Map<String, String> variables) {
    /** Names that put directories before and behind those of {@code PATH}. */
    public static final String PREPEND_PATH = "PREPEND_PATH";

    public static final String APPEND_PATH = "APPEND_PATH";

    private static final String DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private static final List<String> RESERVED_PREFIXES = List.of(
            "SLURM_",
            "SLURMD_",
            "PMI_",
            "PMIX_",
            "PBS_",
            "PALS_",
            "OMPI_",
            "MPI_LOCAL",
            "PLURALITY_",
            "PLURALITYENV_",
            "HYDRA_",
            "HYDI_",
            "MPIEXEC_",
            "PRTE_",
            "FLUX_");

    /** Ends of reserved names whose values differ from rank to rank of a node, as far as launchers set them for each. */
    private static final List<String> OF_ONE_RANK = List.of(
            "RANK", "RANKID", "PROCID", "LOCALID", "LOCAL_ID", "TASK_PID", "PMI_ID", "PMI_FD", "VISIBLE_DEVICES");

    private static final List<String> RESERVED = List.of(
            "HOME",
            "USER",
            "LOGNAME",
            "PWD",
            "OLDPWD",
            "SHLVL",
            "TMPDIR",
            "XDG_RUNTIME_DIR",
            "_",
            "CUDA_VISIBLE_DEVICES",
            "ROCR_VISIBLE_DEVICES",
            "HIP_VISIBLE_DEVICES",
            "GPU_DEVICE_ORDINAL",
            "ZE_AFFINITY_MASK");

    /** Variables that a rank loses on the way in: they name files of the host, which an image's loader would search for. */
    public static final List<String> DROPPED = List.of("LD_LIBRARY_PATH", "LD_PRELOAD", "LD_AUDIT");

    /** What {@code --cleanenv} leaves besides: what reaches the outside, and the terminal. */
    private static final List<String> KEPT = List.of(
            "TERM",
            "SHELL",
            "http_proxy",
            "https_proxy",
            "ftp_proxy",
            "no_proxy",
            "all_proxy",
            "HTTP_PROXY",
            "HTTPS_PROXY",
            "FTP_PROXY",
            "NO_PROXY",
            "ALL_PROXY");

    public RankEnvironment {
        variables = Map.copyOf(variables);
    }

    /**
     * @param image the image's variables, {@code NAME=VALUE}
     * @param chosen the user's and what comes with devices, {@code NAME=VALUE}, the strongest last; may set anything
     * @param libraries directories of host libraries
     */
    public static RankEnvironment of(List<String> image, List<String> chosen, LibraryPath libraries) {
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("PATH", DEFAULT_PATH);
        for (String variable : image) {
            if (!isReserved(name(variable))) {
                variables.put(name(variable), value(variable));
            }
        }
        for (String variable : chosen) {
            switch (name(variable)) {
                case PREPEND_PATH -> variables.put("PATH", value(variable) + ":" + variables.get("PATH"));
                case APPEND_PATH -> variables.put("PATH", variables.get("PATH") + ":" + value(variable));
                default -> variables.put(name(variable), value(variable));
            }
        }
        String path = libraries.around(variables.getOrDefault("LD_LIBRARY_PATH", ""));
        if (!path.isEmpty()) {
            variables.put("LD_LIBRARY_PATH", path);
        }
        return new RankEnvironment(variables);
    }

    /** Returns a pattern, {@code A_*|B}, of the names that {@code --cleanenv} leaves as the rank has them. */
    public static String keptPattern() {
        StringBuilder pattern = new StringBuilder();
        for (String prefix : RESERVED_PREFIXES) {
            pattern.append(prefix).append("*|");
        }
        return pattern.append(String.join("|", RESERVED))
                .append('|')
                .append(String.join("|", KEPT))
                .toString();
    }

    /** Whether a variable's value is one rank's, of several that may share a container. */
    public static boolean isOfOneRank(String name) {
        for (String end : OF_ONE_RANK) {
            if (name.endsWith(end) && isReserved(name)) {
                return true;
            }
        }
        return name.equals("GPU_DEVICE_ORDINAL") || name.equals("ZE_AFFINITY_MASK");
    }

    private static boolean isReserved(String name) {
        for (String prefix : RESERVED_PREFIXES) {
            if (name.startsWith(prefix)) {
                return true;
            }
        }
        return RESERVED.contains(name);
    }

    private static String name(String variable) {
        return variable.substring(0, variable.indexOf('='));
    }

    private static String value(String variable) {
        return variable.substring(variable.indexOf('=') + 1);
    }
}
