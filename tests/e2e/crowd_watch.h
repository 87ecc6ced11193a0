/* SPDX-License-Identifier: BSD-2-Clause */
/* crowd_watch.h - what a UE of ue_crowd can see of its subscription to reg: the
 * messages, not what its role makes of them.
 */
#ifndef CROWD_WATCH_H
#define CROWD_WATCH_H

#include "run.h"

struct crowd_watch {
	char call_id[128]; /* of the last SUBSCRIBE that began a dialog */
	bool promised;     /* its 200 came */
	bool any;          /* a document came */
	uint32_t cseq, version;
	uint64_t gap_ms; /* a document was missed then; 0: none is */
};

enum crowd_verdict {
	CROWD_NOTHING,
	CROWD_DOCUMENT, /* one that is next, or full */
	CROWD_GAP,      /* partial, but one before it is missing */
	CROWD_VERSION,  /* its version does not rise */
	CROWD_UNHEARD,  /* neither that nor this can be said: it is garbled */
	CROWD_ENDED,    /* the network says that the subscription is over */
	CROWD_ANEW,     /* the UE subscribes anew, though it had its 200 */
};

/* Looks at a message of the UE's.  text says what it was: at least 120. */
enum crowd_verdict crowd_watch_see(struct crowd_watch *w,
				   const struct ims_seen *m, char *text,
				   size_t n);
/* The UE leaves, or was thrown out: nothing is promised any more. */
void crowd_watch_over(struct crowd_watch *w);

#endif
