/* SPDX-License-Identifier: BSD-2-Clause */
/* ue_ok.c - what a 200 to REGISTER gives.
 *
 * Spec: TS 24.229 5.1.1.2.1, 5.1.1.4.1; RFC 3608 5; RFC 5626 4.2.1, 4.4.1;
 * RFC 5627 4.2, 4.3.
 */
#include "ue_priv.h"

#include "sip_addr.h"

#include <string.h>

#define TEXT_MAX 4096

static bool same_param(struct ims_str params, const char *name,
		       struct ims_str want)
{
	struct ims_sip_param p;

	return ims_sip_param_find(params, name, &p) &&
	       ims_str_eq(ims_sip_unquote(p.value), want);
}

/* The instance and its flow say more than the URI, which a registrar or a NAT
 * may write in another way [RFC 5626 6].
 */
static bool same_flow(const struct ims_ue *ue, const struct ims_sip_addr *a)
{
	const struct ims_ue_conf *c = &ue->conf;
	char id[12];
	struct ims_buf b;

	if (!c->instance[0] ||
	    !same_param(a->params, "+sip.instance", ims_str(c->instance)))
		return false;
	ims_buf_init(&b, id, sizeof id);
	ims_buf_u64(&b, c->reg_id);
	return c->reg_id && same_param(a->params, "reg-id", ims_buf_str(&b));
}

/* Our own Contact among those of the answer: by its URI, or else by instance
 * and reg-id.
 */
static bool find_contact(const struct ims_ue *ue, const struct ims_sip_msg *m,
			 struct ims_sip_addr *out)
{
	const struct ue_set *over = ue->temp.id  ? &ue->temp
				    : ue->now.id ? &ue->now
						 : NULL;
	struct ims_sip_walk w = ims_sip_walk(m, IMS_SIP_CONTACT);
	char mem[IMS_ID_MAX + 64];
	struct ims_sip_addr a;
	struct ims_buf mine;
	struct ims_str v;
	bool found = false;

	ims_buf_init(&mine, mem, sizeof mem);
	ims_ue_put_contact_uri(ue, &mine, over);
	while (ims_sip_walk_next(&w, &v)) {
		if (ims_sip_addr_parse(v, &a) || a.star)
			continue;
		if (ims_sip_uri_eq(a.uri.text, ims_buf_str(&mine))) {
			*out = a;
			return true;
		}
		if (!found && same_flow(ue, &a)) {
			*out = a;
			found = true;
		}
	}
	return found;
}

uint32_t ims_ue_ok_expires(const struct ims_ue *ue, const struct ims_sip_msg *m)
{
	struct ims_sip_addr contact;
	struct ims_sip_param p;
	uint32_t s;

	if (find_contact(ue, m, &contact) &&
	    ims_sip_param_find(contact.params, "expires", &p) &&
	    !ims_str_u32(p.value, UINT32_MAX, &s))
		return s;
	if (!ims_sip_number(m, IMS_SIP_EXPIRES, &s))
		return s;
	return ue->ask_expires;
}

/* A list that is too long is worth nothing in part: the requests would take
 * another way than the network said.
 */
static void keep_service_route(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	struct ims_sip_walk w = ims_sip_walk(m, IMS_SIP_SERVICE_ROUTE);
	struct ims_sip_addr a;
	char mem[TEXT_MAX];
	struct ims_buf b;
	struct ims_str v;

	/* The latest replaces, none clears [RFC 3608 5]. */
	ims_ue_forget(&ue->service_route);
	ims_buf_init(&b, mem, sizeof mem);
	while (ims_sip_walk_next(&w, &v)) {
		if (ims_sip_addr_parse(v, &a) ||
		    a.uri.scheme == IMS_SIP_URI_OTHER) {
			b.over = true;
			break;
		}
		if (b.n)
			ims_buf_puts(&b, ", ");
		ims_buf_put(&b, v);
	}
	if (b.over || !ims_ue_keep(&ue->service_route, ims_buf_str(&b)))
		ims_acts_tell(&ue->acts, IMS_TELL_PROBLEM, -IMS_E_PEER, 0,
			      "Service-Route in the 200 to REGISTER cannot be "
			      "used");
}

/* --- identities ------------------------------------------------------------ */

/* The next URI of one line: in <>, with whatever between them (one network
 * sends blanks instead of commas), or else bare.
 */
static bool next_uri(struct ims_str *line, struct ims_str *uri)
{
	size_t open = ims_str_find(*line, '<');
	struct ims_str rest = ims_str_from(*line, open);
	size_t close = ims_str_find(rest, '>');

	if (close < rest.n) {
		*uri = ims_str_n(rest.p + 1, close - 1);
		*line = ims_str_from(rest, close + 1);
		return true;
	}
	*line = ims_str_trim(*line);
	if (open < line->n || line->n == 0)
		return false;
	*uri = ims_str_n(line->p, ims_str_find(*line, ';'));
	*line = IMS_S("");
	return true;
}

bool ims_ue_sound_uri(struct ims_str uri)
{
	struct ims_sip_uri u;

	return uri.n && uri.n < IMS_ID_MAX && !ims_sip_uri_parse(uri, &u) &&
	       u.scheme != IMS_SIP_URI_OTHER && !memchr(uri.p, '\n', uri.n) &&
	       !memchr(uri.p, '\r', uri.n) && !memchr(uri.p, 0, uri.n);
}

static void keep_associated(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	struct ims_sip_walk w = ims_sip_walk(m, IMS_SIP_P_ASSOCIATED_URI);
	struct ims_str v, uri;
	char mem[TEXT_MAX];
	struct ims_buf b;

	ims_buf_init(&b, mem, sizeof mem);
	while (ims_sip_walk_next(&w, &v)) {
		while (next_uri(&v, &uri)) {
			if (!ims_ue_sound_uri(uri) || b.n + uri.n + 1 > b.cap)
				continue;
			ims_buf_put(&b, uri);
			ims_buf_putc(&b, '\n');
		}
	}
	if (!ims_ue_keep(&ue->associated, ims_buf_str(&b)))
		ims_ue_forget(&ue->associated);
}

bool ims_ue_next_line(struct ims_str *rest, struct ims_str *line)
{
	size_t n = ims_str_find(*rest, '\n');

	if (rest->n == 0)
		return false;
	*line = ims_str_n(rest->p, n);
	*rest = ims_str_from(*rest, n < rest->n ? n + 1 : n);
	return true;
}

static bool is_sip(struct ims_str uri)
{
	struct ims_sip_uri u;

	return !ims_sip_uri_parse(uri, &u) && u.scheme != IMS_SIP_URI_TEL;
}

/* The identity for everything but REGISTER: the one that was registered; if it
 * is not among the associated ones it is barred, and the first of them, the
 * default, is used [24.229 5.1.1.2.1].  A tel URI cannot be a Request-URI that
 * the P-CSCF routes home, so a SIP URI is taken before it.
 * mine: only those that NOTIFYs say to have our contact.  Empty: none.
 */
static struct ims_str best_impu(const struct ims_ue *ue, bool mine)
{
	struct ims_str rest = ims_ue_text(&ue->associated), uri;
	struct ims_str own = ims_str(ue->conf.impu), first = {0};

	while (ims_ue_next_line(&rest, &uri)) {
		if (mine && !ims_ue_impu_mine(ue, uri))
			continue;
		if (ims_sip_uri_aor_eq(uri, own))
			return own;
		if (!first.p || (!is_sip(first) && is_sip(uri)))
			first = uri;
	}
	return first;
}

static void choose_impu(struct ims_ue *ue)
{
	struct ims_str best = best_impu(ue, false);

	ims_str_copy(ue->impu, sizeof ue->impu,
		     best.n ? best : ims_str(ue->conf.impu));
}

/* [24.229 5.1.1.3, 5.1.1.7] */
void ims_ue_impu_ended(struct ims_ue *ue)
{
	struct ims_str best = best_impu(ue, true);

	ims_ue_gruu_forget(ue);
	if (best.n == 0)
		return;
	ims_acts_tell(&ue->acts, IMS_TELL_INFO, 0, ue->now.id,
		      "%s is not registered any more; %.*s is used", ue->impu,
		      IMS_STR_ARG(best));
	ims_str_copy(ue->impu, sizeof ue->impu, best);
}

bool ims_ue_impu_mine(const struct ims_ue *ue, struct ims_str impu)
{
	const struct ims_reg_watch *w = &ue->watch;

	for (size_t i = 0; i < w->n_rows; i++)
		if (w->row[i].contact_id.n &&
		    ims_sip_uri_aor_eq(w->row[i].aor, impu) &&
		    ims_ue_is_mine(ue, w->row[i].uri))
			return true;
	return false;
}

bool ims_ue_impu_lives(const struct ims_ue *ue, struct ims_str impu)
{
	const struct ims_reg_watch *w = &ue->watch;

	for (size_t i = 0; i < w->n_rows; i++)
		if (w->row[i].contact_id.n == 0 &&
		    ims_sip_uri_aor_eq(w->row[i].aor, impu))
			return w->row[i].state == IMS_REGINFO_ACTIVE;
	return !w->any;
}

/* --- all of it ------------------------------------------------------------- */

void ims_ue_ok_take(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	struct ims_sip_addr contact;
	bool found = find_contact(ue, m, &contact);

	if (!found)
		ims_acts_tell(&ue->acts, IMS_TELL_PROBLEM, -IMS_E_PEER, 0,
			      "the 200 to REGISTER does not list our Contact");
	if (ims_ue_rspauth_wrong(ue, m))
		ims_acts_tell(&ue->acts, IMS_TELL_PROBLEM, -IMS_E_PEER, 0,
			      "rspauth in the 200 to REGISTER is wrong");
	keep_service_route(ue, m);
	keep_associated(ue, m);
	choose_impu(ue);
	ims_ue_gruu_keep(ue, found ? &contact.params : NULL);
	ue->outbound = ue->conf.outbound && ue->conf.reg_id &&
		       ims_sip_lists(m, IMS_SIP_REQUIRE, "outbound");
	ims_ue_flow_take(ue, m);
}

void ims_ue_ok_forget(struct ims_ue *ue)
{
	ims_ue_forget(&ue->service_route);
	ims_ue_forget(&ue->associated);
	ims_ue_gruu_forget(ue);
	ue->outbound = false;
	ims_ue_flow_forget(ue);
}
