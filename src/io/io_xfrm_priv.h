/* SPDX-License-Identifier: BSD-2-Clause */
/* io_xfrm_priv.h - batches of XFRM messages to the kernel.
 *
 * Messages are put one after the other, then committed with one write.  Only
 * the last asks for an acknowledgement; the kernel says unasked which of the
 * others it refused.
 */
#ifndef IMS_IO_XFRM_PRIV_H
#define IMS_IO_XFRM_PRIV_H

#include "base_addr.h"
#include "base_err.h"
#include "ipsec_engine.h"
#include "ipsec_sa.h"

struct xfrm_selector;
struct nlmsghdr;

#define IMS_IO_XFRM_BATCH 8 /* four states, four policies */

struct ims_io_xfrm_nl {
	struct mnl_socket *sock;
	unsigned portid, seq;
	unsigned n;    /* messages put */
	unsigned from; /* seq of the first */
	size_t len;
	int err[IMS_IO_XFRM_BATCH]; /* after commit: 0 or an errno, of each */
	char said[80];              /* what the kernel said of the first */
	char buf[8192];             /* may hold keys until commit */
	char back[8192];
};
int ims_io_xfrm_nl_open(struct ims_io_xfrm_nl *x, int netns,
			struct ims_flaw *why);
void ims_io_xfrm_nl_close(struct ims_io_xfrm_nl *x);

void ims_io_xfrm_put_sa(struct ims_io_xfrm_nl *x,
			const struct ims_ipsec_set *set, enum ims_arrow a);
void ims_io_xfrm_put_sa_del(struct ims_io_xfrm_nl *x,
			    const struct ims_ipsec_sa *sa);
/* What goes from src to dst needs ESP with our reqid.  A port of 0 and an
 * address without family stand for any.
 */
struct ims_io_xfrm_pol {
	struct ims_addr src, dst;
	bool in;
	uint32_t life_s; /* 0: for ever */
};
void ims_io_xfrm_put_pol(struct ims_io_xfrm_nl *x,
			 const struct ims_io_xfrm_pol *p);
void ims_io_xfrm_put_pol_del(struct ims_io_xfrm_nl *x,
			     const struct ims_io_xfrm_pol *p);
/* Is there a policy with this selector that is not one of ours? */
bool ims_io_xfrm_pol_is_foreign(struct ims_io_xfrm_nl *x,
				const struct ims_io_xfrm_pol *p);
/* Deletes every state of ours that begins or ends at this local port: what a
 * run that was killed has left.  Returns 0 or an errno.
 */
int ims_io_xfrm_sweep(struct ims_io_xfrm_nl *x, struct ims_addr local);
/* A message that is not part of a batch; the caller sends x->buf. */
struct nlmsghdr *ims_io_xfrm_single(struct ims_io_xfrm_nl *x, uint16_t type,
				    const void *fixed, size_t size);
struct xfrm_selector ims_io_xfrm_selector(struct ims_addr src,
					  struct ims_addr dst);

/* Sends what was put and wipes it.  Returns 0, or the errno of the first that
 * was refused.
 */
int ims_io_xfrm_commit(struct ims_io_xfrm_nl *x);
/* 0 or an errno. */
int ims_io_xfrm_get_sa(struct ims_io_xfrm_nl *x, const struct ims_ipsec_sa *sa,
		       struct ims_ipsec_count *out);

#endif
