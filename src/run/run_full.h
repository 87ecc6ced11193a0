/* SPDX-License-Identifier: BSD-2-Clause */
/* run_full.h - a store that cannot commit, a full disk say: no promise is made,
 * and whoever asks for one is told to come again.
 *
 * Who asks while it is known gets his 503 from the P-CSCF (IMS_EV_STORE), before
 * anybody has changed anything for him.  The one at whom it is found gets a 503
 * in place of his 200: to him that 200 was lost, and what the roles made of it
 * goes the way of every registration whose UE begins anew, or ends in time.
 */
#ifndef IMS_RUN_FULL_H
#define IMS_RUN_FULL_H

#include "base_buf.h"
#include "run_perform.h"

/* Is there news of the store, since it was last asked?  Then *ev tells a role
 * (and the watch was told).  To be asked before a message is taken: it is cheap
 * while all is well, and tries a store that fails once a second.
 */
bool ims_run_full_news(struct ims_run_seat *s, struct ims_ev *ev);

/* Does this message promise nothing, whatever was put before it?  It refuses,
 * challenges, or is provisional.
 */
bool ims_run_full_harmless(struct ims_str bytes);
/* The 503 in place of a 200 to REGISTER or SUBSCRIBE; false: it is no such. */
bool ims_run_full_refusal(struct ims_str bytes, struct ims_buf *out);

#endif
