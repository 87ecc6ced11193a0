/* SPDX-License-Identifier: BSD-2-Clause */
/* io_xfrm_priv.h - batches of XFRM messages to the kernel.
 *
 * Messages are put one after the other, then committed with one write.  Only
 * the last asks for an acknowledgement; the kernel says unasked which of the
 * others it refused.
 */
#ifndef IMS_IO_XFRM_PRIV_H
#define IMS_IO_XFRM_PRIV_H

#include "base_list.h"
#include "base_map.h"
#include "io_loop.h"
#include "io_probe.h"
#include "ipsec_backend.h"

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
/* A state that is there gets set->life_s, counted from when it was made; what
 * else stands in set must be valid, but is not used.
 */
void ims_io_xfrm_put_sa_life(struct ims_io_xfrm_nl *x,
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
/* replace: one with this selector that is there is overwritten. */
void ims_io_xfrm_put_pol(struct ims_io_xfrm_nl *x,
			 const struct ims_io_xfrm_pol *p, bool replace);
void ims_io_xfrm_put_pol_del(struct ims_io_xfrm_nl *x,
			     const struct ims_io_xfrm_pol *p);
/* Is there a policy with this selector that is not one of ours? */
bool ims_io_xfrm_pol_is_foreign(struct ims_io_xfrm_nl *x,
				const struct ims_io_xfrm_pol *p);
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

/* When the kernel made it, in seconds since 1970 by its clock.  0 or an errno. */
int ims_io_xfrm_sa_made(struct ims_io_xfrm_nl *x, const struct ims_ipsec_sa *sa,
			uint64_t *made_s);

/* Is this state there as we installed it: ours, with these addresses and
 * ports?
 */
bool ims_io_xfrm_has_sa(struct ims_io_xfrm_nl *x,
			const struct ims_ipsec_sa *sa);

/* A state or a policy of ours, as a dump shows it. */
struct ims_io_xfrm_found {
	struct ims_addr src, dst; /* of its selector */
	uint32_t spi;             /* of a state */
	bool in;                  /* of a policy */
};
struct ims_io_xfrm_list {
	struct ims_io_xfrm_found *v; /* freed by the caller */
	size_t n, cap;
};
/* All that carry our reqid; what others have is never looked at.  A dump during
 * which something changed is done again.  0 or an errno.
 */
int ims_io_xfrm_dump_sa(struct ims_io_xfrm_nl *x, struct ims_io_xfrm_list *out);
int ims_io_xfrm_dump_pol(struct ims_io_xfrm_nl *x,
			 struct ims_io_xfrm_list *out);

/* The back-end: its sets and protected ports. */
struct ims_io_xfrm_entry {
	struct ims_map_node node;
	struct ims_ipsec_set set; /* without keys */
	bool lost;
};
struct ims_io_xfrm_port {
	struct ims_list node;
	struct ims_addr local;
};
struct ims_io_xfrm {
	struct ims_ipsec_backend b; /* first */
	struct ims_io_backend_conf conf;
	struct ims_map sets;
	struct ims_list ports;
	struct ims_io_xfrm_nl nl;
	/* News of what others do to what is ours; NULL: there are none. */
	struct mnl_socket *news;
	struct ims_io_watch *watch;
	struct ims_io_timer audit;
	uint64_t audited_ms;
	bool leaves; /* nothing is taken out of the kernel any more */
};
struct ims_io_xfrm_pol ims_io_xfrm_set_pol(const struct ims_ipsec_set *s,
					   int a);
/* As ims_ipsec_backend_ops.sweep. */
int ims_io_xfrm_sweep(struct ims_ipsec_backend *b, struct ims_flaw *why);
/* 0 if nobody has this port open. */
int ims_io_xfrm_port_free(const struct ims_io_xfrm *x, struct ims_addr local,
			  struct ims_flaw *why);

/* Listens for deletions by others; without, sets are looked after by the
 * clock.
 */
void ims_io_xfrm_listen(struct ims_io_xfrm *x);
void ims_io_xfrm_deaf(struct ims_io_xfrm *x);
/* Compares with what the kernel has: tells which sets are gone, and puts back
 * the policies of protected ports.
 */
void ims_io_xfrm_audit(struct ims_io_xfrm *x);

#endif
