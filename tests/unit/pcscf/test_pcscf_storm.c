/* SPDX-License-Identifier: BSD-2-Clause */
/* test_pcscf_storm.c - everything at any time in any order, whole or damaged.
 *
 * What must hold whatever comes: no key leaves (pcscf_test.h looks), nothing
 * goes to a UE beside its SAs, what goes through a set has that set's ports,
 * and when the storm is over nothing is left of it.
 */
#include "pcscf_priv.h"
#include "pcscf_test.h"

#ifndef ROUNDS
#define ROUNDS 40
#endif

static uint64_t dice_state;
static unsigned n_registered, n_refreshed, n_answers;

static unsigned dice(unsigned sides)
{
	dice_state = dice_state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(dice_state >> 33) % sides;
}

/* Sets that were asked for and not taken back. */
#define SETS 64
static struct ims_ipsec_set live[SETS];
static size_t n_live;
static struct seen *asked; /* requests that reached the core, last ones */
#define ASKED 16
static size_t n_asked;
static struct seen *brought; /* requests that reached a UE, the last one */
static char msg[12000], path[200];
static unsigned offers;

static void gone(uint32_t id)
{
	for (size_t i = 0; i < n_live; i++)
		if (live[i].id == id) {
			live[i] = live[--n_live];
			return;
		}
}

static const struct ims_ipsec_set *find(uint32_t id)
{
	for (size_t i = 0; i < n_live; i++)
		if (live[i].id == id)
			return &live[i];
	return NULL;
}

static void check_way(const struct seen *s)
{
	const struct ims_ipsec_set *set = find(s->flow.set);

	if (s->flow.set == 0) {
		/* refusals and challenges of REGISTERs in the clear only */
		assert_false(s->m.request);
		return;
	}
	/* its SA_DEL may stand before the last answer that was queued */
	if (!set)
		return;
	if (s->flow.conn) {
		assert_int_equal(s->flow.transport, IMS_TCP);
		assert_false(s->m.request);
		return;
	}
	assert_true(ims_addr_eq(s->flow.local, set->sa[IMS_PC_TO_US].src));
	assert_true(ims_addr_eq(s->flow.remote, set->sa[IMS_PC_TO_US].dst));
}

static void look(void)
{
	for (size_t i = 0; i < n_added; i++) {
		assert_true(n_live < SETS);
		live[n_live++] = added[i];
	}
	for (size_t i = 0; i < n_gm; i++) {
		check_way(&gm[i]);
		if (gm[i].m.request)
			*brought = gm[i];
	}
	for (size_t i = 0; i < n_told; i++) {
		n_registered += told[i].tell == IMS_TELL_REGISTERED;
		n_refreshed += told[i].tell == IMS_TELL_REFRESHED;
	}
	for (size_t i = 0; i < n_mw; i++)
		n_answers += !mw[i].m.request && mw[i].m.status == 200;
	for (size_t i = 0; i < n_deleted; i++)
		gone(deleted[i]);
	/* what was refused is not there to be removed */
	for (size_t i = 0; i < n_refused; i++)
		if (!ims_pcscf_set_by_id(p, refused[i]))
			gone(refused[i]);
	for (size_t i = 0; i < n_mw; i++) {
		if (mw[i].m.request)
			asked[n_asked++ % ASKED] = mw[i];
		if (mw[i].m.request && *path_uri())
			strcpy(path, path_uri());
	}
	n_gm = n_mw = n_added = n_deleted = n_refused = n_told = 0;
	assert_true(ims_pcscf_sets(p) <= n_live);
}

/* The slices of a copy have to point into it. */
static struct seen *fresh(struct seen *s)
{
	assert_int_equal(ims_sip_msg_parse(ims_str_n(s->bytes, s->n), &s->m,
					   NULL),
			 0);
	return s;
}

static void damage(void)
{
	size_t n = strlen(msg);

	if (dice(5) || n == 0)
		return;
	for (unsigned i = dice(4); i < 4; i++) {
		size_t at_byte = dice((unsigned)n);

		if (dice(3) == 0)
			memmove(msg + at_byte, msg + at_byte + 1, n - at_byte);
		else
			msg[at_byte] = (char)(1 + dice(255));
		n = strlen(msg);
		if (n == 0)
			return;
	}
}

static void deliver(const struct ims_flow *f)
{
	damage();
	feed(f, msg);
	look();
}

static void new_offer(unsigned user)
{
	char line[400];

	offers++;
	snprintf(line, sizeof line, SEC_LINE, 300 + offers * 2,
		 301 + offers * 2, 10000 + offers % 5000 * 2, 30001 + user);
	set_line(msg, "Security-Client", line);
}

static void as(unsigned user)
{
	char name[60];

	snprintf(name, sizeof name, "username=\"user%u", user);
	swap(msg, "username=\"001010123456789", name);
}

static void in_the_clear(void)
{
	struct ims_flow f = clear_flow(dice(2) ? IMS_UDP : IMS_TCP);
	unsigned user = dice(3);

	register1(msg);
	as(user);
	new_offer(user);
	if (dice(4) == 0)
		swap(msg, "expires=600000", "expires=0");
	deliver(&f);
}

static void mirror(const struct ims_ipsec_set *s)
{
	char text[500];

	snprintf(text, sizeof text, SEC_LINE ";q=0.1", s->sa[IMS_US_TO_PC].spi,
		 s->sa[IMS_UC_TO_PS].spi, s->sa[IMS_US_TO_PC].dst.port,
		 s->sa[IMS_UC_TO_PS].dst.port);
	set_line(msg, "Security-Verify", text);
	snprintf(text, sizeof text, SEC_LINE, s->sa[IMS_PS_TO_UC].spi,
		 s->sa[IMS_PC_TO_US].spi, s->sa[IMS_PS_TO_UC].dst.port,
		 s->sa[IMS_PC_TO_US].dst.port);
	set_line(msg, "Security-Client", text);
}

static void inside_a_set(void)
{
	const struct ims_ipsec_set *s;
	const struct ims_pcscf_set *known;
	struct ims_flow f;

	if (n_live == 0)
		return;
	s = &live[dice((unsigned)n_live)];
	f = inside(s, dice(2) ? IMS_UDP : IMS_TCP);
	known = ims_pcscf_set_by_id(p, s->id);
	register2(msg);
	mirror(s);
	as(s->sa[IMS_PC_TO_US].dst.port - 30001u);
	if (known && known->life == IMS_SET_PENDING && dice(5)) {
		deliver(&f);
		return;
	}
	switch (dice(4)) {
	case 0:
		break;
	case 1:
		new_offer(s->sa[IMS_PC_TO_US].dst.port - 30001u);
		if (dice(3) == 0)
			swap(msg, "expires=600000", "expires=0");
		break;
	case 2:
		subscribe(msg);
		set_line(msg, "Security-Verify", NULL);
		break;
	default:
		as(dice(3));
	}
	deliver(&f);
}

static void answer_with(struct seen *req, unsigned status)
{
	core_answers(fresh(req), status,
		     status == 401 ? CHALLENGE
		     : dice(5)     ? GRANTED
				   : "");
	look();
}

/* Mostly as a core does: what is not protected is challenged. */
static void the_core_answers(void)
{
	static const unsigned odd[] = {100, 200, 401, 403, 500};
	size_t n = n_asked < ASKED ? n_asked : ASKED;
	struct seen *last;

	if (n == 0)
		return;
	if (dice(4) == 0) {
		answer_with(&asked[dice((unsigned)n)], odd[dice(N_OF(odd))]);
		return;
	}
	last = fresh(&asked[(n_asked - 1) % ASKED]);
	if (last->m.method == IMS_SIP_REGISTER &&
	    (!strstr(last->bytes, "integrity-protected=\"yes\"") ||
	     dice(6) == 0))
		answer_with(last, 401);
	else
		answer_with(last, 200);
}

static void the_core_asks(void)
{
	struct ims_flow f = from_core();

	notify(msg, dice(2) ? "" : ";transport=tcp");
	if (*path)
		set_line(msg, "Route", path);
	deliver(&f);
}

static void a_ue_answers(void)
{
	const struct ims_ipsec_set *s;
	struct ims_flow f;

	if (n_live == 0 || brought->n == 0)
		return;
	s = &live[dice((unsigned)n_live)];
	f = inside(s, IMS_UDP);
	ue_answers(&f, fresh(brought), dice(2) ? 200 : 481, "");
	look();
}

static void weather(void)
{
	struct ims_ev ev = {.kind = IMS_EV_UNSENT};

	if (dice(2) && n_asked)
		ev.ref =
			asked[dice(n_asked < ASKED ? (unsigned)n_asked : ASKED)]
				.ref;
	else
		ev.ref = brought->ref;
	ims_pcscf_event(p, &ev, now);
	perform();
	look();
	sa_err = dice(8) ? 0 : -IMS_E_IPSEC;
	sa_silent = dice(8) == 0;
	if (n_live && dice(2)) {
		sa_result(live[dice((unsigned)n_live)].id,
			  dice(2) ? 0 : -IMS_E_IPSEC);
		perform();
		look();
	}
}

/* In pieces, so that what is sent again fits. */
static void wait_s(unsigned s)
{
	for (; s > 0; s--) {
		pass(1000);
		look();
	}
}

static void one_thing(void)
{
	static void (*const things[])(
		void) = {in_the_clear,     inside_a_set,     inside_a_set,
			 inside_a_set,     the_core_asks,    the_core_answers,
			 the_core_answers, the_core_answers, a_ue_answers,
			 weather};

	things[dice(N_OF(things))]();
	if (dice(3) == 0)
		wait_s(dice(dice(20) ? 4 : 400));
}

static void calm(void)
{
	/* sets whose SA_ADD was never answered end with their user only */
	sa_silent = false;
	while (n_live && ims_pcscf_sets(p) < n_live) {
		size_t before = n_live;

		for (size_t i = 0; i < n_live; i++)
			sa_result(live[i].id, 0);
		perform();
		look();
		if (n_live == before)
			break;
	}
	wait_s(3000);
	assert_int_equal(ims_pcscf_sets(p), 0);
	assert_int_equal(n_live, 0);
	assert_int_equal(ims_pcscf_users(p), 0);
	assert_int_equal(p->relays.n, 0);
	assert_int_equal(p->txns.by_id.n, 0);
	assert_int_equal(p->spis.map.n, 0);
	assert_int_equal(p->n_pending, 0);
	assert_int_equal(ims_pcscf_due(p), IMS_NEVER);
	assert_false(p->acts.lost);
}

static void nothing_is_left_when_the_storm_is_over(void **state)
{
	asked = calloc(ASKED, sizeof *asked);
	brought = calloc(1, sizeof *brought);
	conf.policy.suites[0] =
		(struct ims_ipsec_suite){IMS_ALG_HMAC_MD5, IMS_EALG_NULL};
	conf.policy.n_suites = 1;
	conf.port_pc[2] = 50721;
	conf.n_port_pc = 3;
	for (unsigned round = 0; round < ROUNDS; round++) {
		restart();
		dice_state = round;
		n_live = n_asked = 0;
		path[0] = 0;
		brought->n = 0;
		for (int i = 0; i < 150; i++)
			one_thing();
		calm();
	}
	free(asked);
	free(brought);
	/* it did get somewhere */
	assert_true(n_registered > ROUNDS / 2);
	assert_true(n_refreshed > ROUNDS / 4);
	assert_true(n_answers > 0);
	print_message("%u registered, %u refreshed, %u answered\n",
		      n_registered, n_refreshed, n_answers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(nothing_is_left_when_the_storm_is_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
