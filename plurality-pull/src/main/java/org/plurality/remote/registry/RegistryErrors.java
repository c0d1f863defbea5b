// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.registry;

import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.reference.ImageReference;

/**
 * Creates the errors of one registry. Of an answer only the error code is shown: its text could contain anything,
 * including a secret that was just sent to the registry.
 */
final class RegistryErrors {
    private static final Pattern ERROR_CODE = Pattern.compile("\"code\"\\s*:\\s*\"([A-Z_]{1,40})\"");

    private final String registry;
    private final String credentialPlaces;

    RegistryErrors(String registry, String credentialPlaces) {
        this.registry = registry;
        this.credentialPlaces = credentialPlaces;
    }

    /** Tells whether another attempt may succeed. */
    static boolean isTransient(IOException e) {
        return !(e instanceof UnknownHostException)
                && !(e instanceof NoRouteToHostException)
                && !(e instanceof SSLPeerUnverifiedException)
                && !isPlainText(e)
                && !hasCause(e, CertificateException.class)
                && !Thread.currentThread().isInterrupted();
    }

    static boolean isTransient(int status) {
        return status == 408 || status == 429 || (status >= 500 && status != 501 && status != 505);
    }

    /** Returns the error for a request without a complete answer. */
    PluralityException transport(String action, HttpUrl url, IOException e) {
        String at = url.host() + ":" + url.port();
        if (Thread.currentThread().isInterrupted()) {
            return new PluralityException(FailureKind.INTERRUPTED, action + ": interrupted", "run it again", e);
        }
        String message = String.valueOf(e.getMessage());
        if (e instanceof UnknownHostException) {
            return network(action + ": the host " + url.host() + " is not known here", reachHint(), e);
        }
        if (e instanceof ConnectException || e instanceof NoRouteToHostException) {
            return network(action + ": " + at + " does not take the connection", reachHint(), e);
        }
        if (e instanceof NoAnswerException) {
            return network(
                    action + ": " + at + " does not answer in time",
                    "if it is a proxy that fetches images first, allow it more time with PLURALITY_ANSWER_TIMEOUT or"
                            + " 'answer_timeout' in plurality.toml; else " + reachHint(),
                    e);
        }
        if (e instanceof SocketTimeoutException) {
            return network(action + ": " + at + " does not answer in time", reachHint(), e);
        }
        if (isPlainText(e)) {
            return network(
                    action + ": " + at + " speaks plain http, not https",
                    "if you trust the network between, set PLURALITY_INSECURE_REGISTRIES=" + registry
                            + ", or 'insecure_registries' in plurality.toml, or give plurality-stagein"
                            + " --insecure-registry " + registry,
                    e);
        }
        if (hasCause(e, CertificateException.class)) {
            return network(
                    action + ": the certificate of " + at + " is not trusted here (" + printable(message) + ")",
                    "name the certificate that signs it with PLURALITY_CA_FILE or 'ca_file' in plurality.toml",
                    e);
        }
        if (e instanceof ProtocolException) {
            // The cause is omitted: its message quotes the bytes that the server sent instead of HTTP.
            return network(action + ": " + at + " does not answer in HTTP", reachHint(), null);
        }
        return network(action + ": the connection to " + at + " broke (" + printable(message) + ")", reachHint(), e);
    }

    /** Returns the error for an answer whose status is not a success. */
    PluralityException status(String action, int status, String body) {
        Matcher matcher = ERROR_CODE.matcher(body);
        String why = "the registry answers " + status + (matcher.find() ? " " + matcher.group(1) : "");
        return switch (status) {
            case 401, 403 -> notAuthorised(action, why);
            case 404 ->
                new PluralityException(
                        FailureKind.NOT_FOUND,
                        action + ": it is not there (" + why + ")",
                        "check name and tag; 'skopeo list-tags docker://REPOSITORY' lists the tags");
            case 429 ->
                network(
                        action + ": too many requests (" + why + ")",
                        "wait, or log in: registries allow known users more; " + loginHint(),
                        null);
            default -> network(action + ": " + why, "try again later, or ask who runs " + registry, null);
        };
    }

    PluralityException notAuthorised(String action, String why) {
        String name = registry.equals(ImageReference.DEFAULT_REGISTRY)
                ? "check the name: Docker Hub answers so for repositories that do not exist, too; if it is private, "
                : "check the name: some registries answer so for repositories that do not exist, too; if it is there, ";
        return new PluralityException(
                FailureKind.NOT_AUTHORISED, action + ": not authorised, " + why, name + loginHint());
    }

    PluralityException integrity(String action, String why, @Nullable Throwable cause) {
        return new PluralityException(
                FailureKind.INTEGRITY,
                action + ": " + why,
                "nothing of it was kept; if it happens again the image or what lies between is damaged: ask who runs "
                        + registry,
                cause);
    }

    PluralityException network(String message, String hint, @Nullable Throwable cause) {
        return new PluralityException(FailureKind.NETWORK, message, hint, cause);
    }

    private static boolean isPlainText(IOException e) {
        String message = String.valueOf(e.getMessage());
        return e instanceof SSLException
                && (message.contains("Unsupported or unrecognized SSL message")
                        || message.contains("plaintext connection"));
    }

    private String loginHint() {
        return "log in with 'plurality-stagein login " + registry + "'; credentials are read from " + credentialPlaces
                + " (PLURALITY_AUTH_FILE names another file)";
    }

    private String reachHint() {
        return "check the name of the registry, the network of this node, and HTTPS_PROXY and NO_PROXY";
    }

    private static boolean hasCause(Throwable failure, Class<? extends Throwable> type) {
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < 10; depth++) {
            if (type.isInstance(cause)) {
                return true;
            }
            cause = cause.getCause();
        }
        return false;
    }

    /** Returns external text without characters that are unsafe to print on a terminal. */
    static String printable(String text) {
        String line = text.replaceAll("[^\\p{Print}]", " ").strip();
        String shown = line.length() > 120 ? line.substring(0, 120) + "…" : line;
        return shown.isEmpty()
                ? "no reason given"
                : shown.toLowerCase(Locale.ROOT).startsWith("null") ? "closed" : shown;
    }
}
