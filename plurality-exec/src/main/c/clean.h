// SPDX-License-Identifier: Apache-2.0
// What an epilog calls, with the rights of the job's user: removes what the job's containers left on this node.
#ifndef PLURALITY_CLEAN_H
#define PLURALITY_CLEAN_H

#define CLEAN_NAME "plurality-clean"

// plurality-clean RUN PREFIX: directories in RUN whose names begin with PREFIX go, with all that still runs for
// them; of others those that were being made or buried by processes which have ended, unless ranks live in
// them; and the leases that the job's launches noted. Returns after some seconds at the latest; what is left
// then goes later. Always 0.
int clean_main(char **arguments);

#endif
