/* SPDX-License-Identifier: BSD-2-Clause */
/* ue_conf.c - defaults, identities from an IMSI [23.003 13], and the check. */
#include "ue_priv.h"

#include "sip_uri.h"

#include <stdio.h>
#include <string.h>

#define REG_AWAIT_AUTH_MS 240000
#define EXPIRES_S 600000
#define LEAVE_MS 8000

void ims_ue_conf_default(struct ims_ue_conf *c)
{
	*c = (struct ims_ue_conf){
		.offer = IMS_UE_OFFER_FIRST,
		.transport_register = IMS_UE_AUTO,
		.transport_other = IMS_UE_AUTO,
		.policy = ims_secagree_policy_default(),
		.expires = EXPIRES_S,
		.subscribe = true,
		.user_agent = "imsreg",
		.timers = ims_txn_timers_ims,
		.udp_max = IMS_TXN_UDP_MAX,
		.reg_await_auth_ms = REG_AWAIT_AUTH_MS,
		.leave_ms = LEAVE_MS,
	};
}

/* Countries whose networks all have three digits [ITU-T E.212]: North America
 * and its Caribbean neighbours, Honduras, Argentina, Colombia, the Falklands.
 * Where both lengths occur (India, Bermuda, Panama) the caller must know.
 */
/* clang-format off */
static const uint16_t three_digits[] = {
	302, 310, 311, 312, 313, 314, 315, 316, 330, 334, 338, 342, 344, 346,
	348, 352, 354, 356, 358, 360, 365, 366, 376, 708, 722, 732, 750,
};
/* clang-format on */

static int digits_of_mnc(unsigned mcc)
{
	for (size_t i = 0; i < sizeof three_digits / sizeof *three_digits; i++)
		if (three_digits[i] == mcc)
			return 3;
	return 2;
}

static unsigned number(struct ims_str digits, size_t from, size_t n)
{
	unsigned v = 0;

	for (size_t i = from; i < from + n; i++)
		v = 10 * v + (unsigned)(digits.p[i] - '0');
	return v;
}

int ims_ue_conf_imsi(struct ims_ue_conf *c, struct ims_str imsi, int mnc_len)
{
	unsigned mcc, mnc;
	uint64_t v;

	if (imsi.n < 6 || imsi.n > 15)
		return -IMS_E_LENGTH;
	if (ims_str_u64(imsi, UINT64_MAX, &v) ||
	    (mnc_len != 0 && mnc_len != 2 && mnc_len != 3))
		return -IMS_E_SYNTAX;
	mcc = number(imsi, 0, 3);
	mnc = number(imsi, 3, (size_t)(mnc_len ? mnc_len : digits_of_mnc(mcc)));
	snprintf(c->domain, sizeof c->domain,
		 "ims.mnc%03u.mcc%03u.3gppnetwork.org", mnc, mcc);
	snprintf(c->impi, sizeof c->impi,
		 "%.*s@ims.mnc%03u.mcc%03u."
		 "3gppnetwork.org",
		 IMS_STR_ARG(imsi), mnc, mcc);
	snprintf(c->impu, sizeof c->impu,
		 "sip:%.*s@ims.mnc%03u.mcc%03u."
		 "3gppnetwork.org",
		 IMS_STR_ARG(imsi), mnc, mcc);
	return 0;
}

/* --- is it sound? ---------------------------------------------------------- */

/* A line end would open a header of its own. */
static int one_line(const char *text, const char *name, struct ims_flaw *why)
{
	if (!strpbrk(text, "\r\n"))
		return 0;
	return ims_flaw(why, -IMS_E_SYNTAX, "%s: a line break", name);
}

static int check_lines(const struct ims_ue_conf *c, struct ims_flaw *why)
{
	const struct ims_ue_form *f = &c->form;
	const struct {
		const char *text, *name;
	} texts[] = {
		{c->impi, "impi"},
		{c->impu, "impu"},
		{c->domain, "domain"},
		{c->realm, "realm"},
		{c->instance, "instance"},
		{c->contact_params, "features"},
		{c->user_agent, "user-agent"},
		{c->access_info, "access"},
		{f->mechanism, "mechanism"},
		{f->order, "header-order"},
		{f->supported, "supported"},
		{f->allow, "allow"},
		{f->auth_order, "auth-order"},
		{f->register_uri, "register-uri"},
		{f->fallback, "fallback"},
	};
	int err = 0;

	for (size_t i = 0; !err && i < sizeof texts / sizeof *texts; i++)
		err = one_line(texts[i].text, texts[i].name, why);
	return err;
}

/* They stand between < and >. */
static int check_more(const struct ims_ue_conf *c, struct ims_flaw *why)
{
	for (size_t i = 0; i < c->n_more && i < IMS_UE_MORE; i++)
		if (!ims_ue_sound_uri(ims_str(c->more[i])) ||
		    strpbrk(c->more[i], "<>"))
			return ims_flaw(why, -IMS_E_SYNTAX,
					"impu: \"%.40s\" is no public identity",
					c->more[i]);
	return 0;
}

static int check_order(const struct ims_ue_form *f, struct ims_flaw *why)
{
	struct ims_str order = ims_str(f->order), name;

	while (ims_sip_comma_next(&order, &name))
		if (!ims_ue_writes(ims_sip_hdr_find(name)))
			return ims_flaw(why, -IMS_E_SYNTAX,
					"header-order: \"%.*s\" is no header "
					"of our REGISTER",
					IMS_STR_ARG(name));
	return 0;
}

static int check_fallback(const struct ims_ue_form *f, struct ims_flaw *why)
{
	struct ims_str list = ims_str(f->fallback), v;
	uint32_t code;

	while (ims_sip_comma_next(&list, &v))
		if (ims_str_u32(v, 699, &code) || code < 300 || code == 401)
			return ims_flaw(why, -IMS_E_SYNTAX,
					"fallback: \"%.*s\" is no answer that "
					"refuses (300..699, not 401)",
					IMS_STR_ARG(v));
	return 0;
}

static int check_range(uint32_t from, uint32_t to, uint32_t least,
		       const char *name, struct ims_flaw *why)
{
	if (from == 0 && to == 0)
		return 0;
	if (from >= least && from <= to)
		return 0;
	return ims_flaw(why, -IMS_E_RANGE, "%s: %u..%u is no range above %u",
			name, (unsigned)from, (unsigned)to,
			(unsigned)least - 1);
}

/* The mechanism must say what we mean, or no P-CSCF could set up our SAs. */
static int check_mechanism(const struct ims_ue_form *f, struct ims_flaw *why)
{
	static const char *const needed[] = {"<alg>", "<spi-c>", "<spi-s>",
					     "<port-c>", "<port-s>"};

	for (size_t i = 0; f->mechanism[0] && i < 5; i++)
		if (!strstr(f->mechanism, needed[i]))
			return ims_flaw(why, -IMS_E_SYNTAX,
					"mechanism: there is no %s in it",
					needed[i]);
	return 0;
}

static int check_flow(const struct ims_ue_conf *c, struct ims_flaw *why)
{
	if (c->reg_id > INT32_MAX) /* [RFC 5626 4.2] */
		return ims_flaw(why, -IMS_E_RANGE, "reg-id: at most %d",
				INT32_MAX);
	return 0;
}

int ims_ue_conf_check(const struct ims_ue_conf *c, struct ims_flaw *why)
{
	const struct ims_ue_form *f = &c->form;
	int err = check_lines(c, why);

	if (!err)
		err = check_more(c, why);
	if (!err)
		err = check_order(f, why);
	if (!err)
		err = check_fallback(f, why);
	if (!err)
		err = check_mechanism(f, why);
	if (!err)
		err = check_flow(c, why);
	if (!err)
		err = check_range(f->spi_from, f->spi_to, 256, "spi-from", why);
	if (!err)
		err = check_range(f->uc_from, f->uc_to, 1024, "uc-from", why);
	if (!err)
		err = check_range(f->us_from, f->us_to, 1024, "us-from", why);
	return err;
}
