/* SPDX-License-Identifier: BSD-2-Clause */
/* scscf_order.c - what an operator orders: out, or prove yourself again.
 *
 * Spec: TS 24.229 5.4.1.5, 5.4.1.6; RFC 3680 5.2.3.
 */
#include <string.h>

#include "scscf_priv.h"
#include "sip_uri.h"

#define SECONDS 60 /* if nothing is said */

static void tell_hss(struct ims_scscf *s, const struct ims_scscf_user *u)
{
	struct ims_cx_req req = {.kind = IMS_CX_SAR,
				 .assign = IMS_CX_DEREGISTERED};

	ims_str_copy(req.impi, sizeof(req.impi), ims_str(u->impi));
	ims_str_copy(req.impu, sizeof(req.impu),
		     ims_str(u->impu[u->explicit_impu]->uri));
	ims_acts_cx(&s->acts, &req);
}

static void dereg(struct ims_scscf *s, struct ims_scscf_user *u,
		  enum ims_reginfo_event how, uint32_t retry_after)
{
	ims_reg_binds_end(&u->binds, how, retry_after);
	ims_scscf_forget_challenges(s, u);
	u->last_nonce[0] = 0; /* he must prove himself to come back */
	ims_scscf_user_count(s, u, true);
	tell_hss(s, u);
	ims_acts_tell(&s->acts, IMS_TELL_DEREGISTERED, 0, 0,
		      "%s was de-registered by order: %s", u->impi,
		      ims_reginfo_event_name(how));
	ims_scscf_changed(s, u);
	ims_scscf_notify_all(s, u);
	ims_scscf_user_settle(s, u);
}

/* What leaves little time is told now, whatever was told a moment ago. */
static void hurry(struct ims_scscf *s, struct ims_scscf_user *u)
{
	struct ims_scscf_user *v[IMS_SCSCF_SHARERS];
	size_t n = ims_scscf_sharers(s, u, v);

	for (size_t i = 0; i < n; i++) {
		ims_list_each (pos, &v[i]->watchers)
			ims_container(pos, struct ims_scscf_watch, node)
				->quiet_ms = s->now_ms;
	}
}

/* The next REGISTER is challenged, and the contacts end soon if none comes. */
static void reauth(struct ims_scscf *s, struct ims_scscf_user *u,
		   uint32_t seconds)
{
	u->reauth = true;
	ims_reg_binds_shorten(&u->binds, s->now_ms + seconds * UINT64_C(1000));
	ims_scscf_user_count(s, u, true);
	ims_acts_tell(&s->acts, IMS_TELL_INFO, 0, 0,
		      "%s must prove himself again within %u s", u->impi,
		      (unsigned)seconds);
	hurry(s, u);
	ims_scscf_changed(s, u);
	ims_scscf_notify_all(s, u);
}

static void obey(struct ims_scscf *s, enum ims_scscf_order order,
		 struct ims_scscf_user *u, uint32_t seconds)
{
	switch (order) {
	case IMS_SCSCF_DEREG_REJECTED:
		dereg(s, u, IMS_REGINFO_REJECTED, 0);
		break;
	case IMS_SCSCF_DEREG_DEACTIVATED:
		dereg(s, u, IMS_REGINFO_DEACTIVATED, 0);
		break;
	case IMS_SCSCF_DEREG_PROBATION:
		dereg(s, u, IMS_REGINFO_PROBATION, seconds);
		break;
	case IMS_SCSCF_REAUTH:
		reauth(s, u, seconds);
		break;
	}
}

static bool is_meant(const struct ims_scscf_user *u, struct ims_str id)
{
	return u->binds.n && (ims_str_eq(ims_str(u->impi), id) ||
			      ims_scscf_user_has(u, id, NULL));
}

static bool is_identity(struct ims_str id)
{
	struct ims_sip_uri uri;
	size_t at = ims_str_find(id, '@');

	if (ims_sip_uri_parse(id, &uri) == 0)
		return uri.scheme != IMS_SIP_URI_OTHER;
	return at > 0 && at + 1 < id.n;
}

int ims_scscf_order(struct ims_scscf *s, enum ims_scscf_order order,
		    struct ims_str impu_or_impi, uint32_t seconds,
		    uint64_t now_ms)
{
	struct ims_map_node *n = ims_map_each(&s->users, NULL);
	int err = -IMS_E_NOTFOUND;

	s->now_ms = now_ms;
	while (n) {
		struct ims_scscf_user *u =
			ims_container(n, struct ims_scscf_user, node);

		n = ims_map_each(&s->users, n);
		if (!is_meant(u, impu_or_impi))
			continue;
		obey(s, order, u, seconds ? seconds : SECONDS);
		err = 0;
	}
	return err && !is_identity(impu_or_impi) ? -IMS_E_UNKNOWN_USER : err;
}
