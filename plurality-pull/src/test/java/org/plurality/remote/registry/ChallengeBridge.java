// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.registry;

import okhttp3.Headers;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;

/** The reader of challenges, for the fuzzer. */
public final class ChallengeBridge {
    private ChallengeBridge() {}

    public static boolean read(String header) {
        Response response = new Response.Builder()
                .request(new Request.Builder().url("https://127.0.0.1/v2/").build())
                .protocol(Protocol.HTTP_1_1)
                .code(401)
                .message("Unauthorized")
                .headers(new Headers.Builder()
                        .addUnsafeNonAscii("WWW-Authenticate", header)
                        .build())
                .build();
        return Challenge.of(response).isPresent();
    }
}
