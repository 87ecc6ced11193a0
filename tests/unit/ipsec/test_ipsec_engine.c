/* SPDX-License-Identifier: BSD-2-Clause */
/* test_ipsec_engine.c - two engines, all suites, UDP and TCP, IPv4 and IPv6;
 * and everything that no SA covers.
 */
#include "ipsec_engine.h"

#include "ipsec_fixture.h"

static uint64_t seed = 21;

/* A UE and a P-CSCF with one set between them. */
struct pair {
	struct ims_ipsec_engine *ue, *pcscf;
	struct ims_ipsec_set set; /* as the UE sees it */
};

static struct ims_ipsec_engine *engine(void)
{
	struct ims_rand rnd = ims_rand_seeded(&seed);
	struct ims_ipsec_engine *e = ims_ipsec_engine_new(&rnd);

	assert_non_null(e);
	return e;
}

static struct pair pair(int family, int suite)
{
	struct pair p = {engine(), engine(),
			 fix_set(family, ims_ipsec_suites[suite], true)};
	struct ims_ipsec_set other =
		fix_set(family, ims_ipsec_suites[suite], false);

	assert_int_equal(ims_ipsec_engine_add(p.ue, &p.set), 0);
	assert_int_equal(ims_ipsec_engine_add(p.pcscf, &other), 0);
	return p;
}

static void unpair(struct pair *p)
{
	ims_ipsec_engine_free(p->ue);
	ims_ipsec_engine_free(p->pcscf);
}

static bool from_ue(unsigned arrow)
{
	return arrow == IMS_UC_TO_PS || arrow == IMS_US_TO_PC;
}

/* Seals one packet for this arrow at the sender. */
static size_t sealed(struct pair *p, unsigned arrow, uint8_t proto,
		     uint8_t *out, size_t cap)
{
	uint8_t ip[1700];
	size_t n = fix_packet(ip, &p->set.sa[arrow].src, &p->set.sa[arrow].dst,
			      proto, 700);
	int len = ims_ipsec_engine_out(from_ue(arrow) ? p->ue : p->pcscf, ip, n,
				       out, cap);

	assert_true(len > 0);
	return (size_t)len;
}

static struct ims_ipsec_engine *receiver(struct pair *p, unsigned arrow)
{
	return from_ue(arrow) ? p->pcscf : p->ue;
}

static void one_way(struct pair *p, unsigned arrow, uint8_t proto)
{
	uint8_t esp[2000], got[2000], want[2000];
	const struct ims_ipsec_sa *sa = &p->set.sa[arrow];
	size_t n = sealed(p, arrow, proto, esp, sizeof esp);
	struct ims_packet k;
	int len;

	assert_int_equal(ims_packet_parse(esp, n, &k), 0);
	assert_int_equal(k.proto, 50);
	assert_int_equal(k.payload[0], sa->spi >> 24);
	assert_int_equal(k.payload[3], sa->spi & 0xff);
	len = ims_ipsec_engine_in(receiver(p, arrow), esp, n, got, n);
	assert_int_equal(len, fix_packet(want, &sa->src, &sa->dst, proto, 700));
	assert_memory_equal(got, want, len);
	/* ... and nobody else takes it, nor he himself again. */
	assert_int_equal(ims_ipsec_engine_in(receiver(p, arrow), esp, n, got,
					     sizeof got),
			 -IMS_E_ESP_REPLAY);
	assert_int_equal(ims_ipsec_engine_in(from_ue(arrow) ? p->ue : p->pcscf,
					     esp, n, got, sizeof got),
			 -IMS_E_ESP_SPI);
}

static void all_suites_carry_udp_and_tcp_over_ipv4_and_ipv6(void **state)
{
	for (int s = 0; s < IMS_N_SUITES; s++)
		for (int family = 4; family <= 6; family += 2) {
			struct pair p = pair(family, s);

			for (unsigned a = 0; a < IMS_N_ARROWS; a++) {
				one_way(&p, a, 17);
				one_way(&p, a, 6);
			}
			unpair(&p);
		}
}

/* What a flipped bit may do at this place of the packet. */
static bool expected(int err, size_t at, size_t head)
{
	if (at >= head + 8)
		return err == -IMS_E_ESP_ICV;
	if (at >= head + 4)
		return err == -IMS_E_ESP_ICV || err == -IMS_E_ESP_REPLAY;
	if (at >= head)
		return err == -IMS_E_ESP_SPI;
	return true;
}

/* Fields of the IP header that ESP neither covers nor needs: then the packet
 * still is what it was.
 */
static bool harmless(size_t at, size_t head)
{
	if (head == 40)
		return at < 4 || at == 7;
	return at == 1 || (at >= 4 && at <= 6) || at == 8 || at == 10 ||
	       at == 11;
}

static void flip_each_byte(int family, int suite)
{
	uint8_t esp[2000], got[2000];
	struct pair p = pair(family, suite);
	size_t head = family == 4 ? 20 : 40;
	size_t n = sealed(&p, IMS_UC_TO_PS, 17, esp, sizeof esp);

	for (size_t i = 0; i < n; i++) {
		int err;

		if (harmless(i, head))
			continue;
		esp[i] ^= (uint8_t)(1 << i % 8);
		err = ims_ipsec_engine_in(p.pcscf, esp, n, got, sizeof got);
		esp[i] ^= (uint8_t)(1 << i % 8);
		if (err >= 0 || !expected(err, i, head))
			fail_msg("suite %d byte %zu: %d", suite, i, err);
	}
	assert_true(ims_ipsec_engine_in(p.pcscf, esp, n, got, sizeof got) > 0);
	unpair(&p);
}

static void a_bit_flipped_anywhere_is_refused(void **state)
{
	for (int s = 0; s < IMS_N_SUITES; s++) {
		flip_each_byte(4, s);
		flip_each_byte(6, s);
	}
}

static void what_no_sa_covers_is_not_sent(void **state)
{
	struct pair p = pair(6, 3);
	struct ims_addr a, b;
	uint8_t ip[2000], out[2000];
	size_t n;

	for (int what = 0; what < 6; what++) {
		a = p.set.sa[IMS_UC_TO_PS].src;
		b = p.set.sa[IMS_UC_TO_PS].dst;
		a.port = (uint16_t)(a.port + (what == 0));
		b.port = (uint16_t)(b.port + (what == 1));
		a.ip.b[15] ^= what == 2;
		b.ip.b[15] ^= what == 3;
		if (what == 4)
			a.port = p.set.sa[IMS_US_TO_PC].src.port;
		if (what == 5) { /* the other way round: the peer's to send */
			struct ims_addr c = a;

			a = b;
			b = c;
		}
		n = fix_packet(ip, &a, &b, 17, 50);
		assert_int_equal(ims_ipsec_engine_out(p.ue, ip, n, out,
						      sizeof out),
				 -IMS_E_CLEAR);
	}
	n = fix_packet(ip, &p.set.sa[0].src, &p.set.sa[0].dst, 17, 50);
	ip[6] = 58; /* ICMPv6 */
	assert_int_equal(ims_ipsec_engine_out(p.ue, ip, n, out, sizeof out),
			 -IMS_E_CLEAR);
	assert_int_equal(ims_ipsec_engine_drops(p.ue, IMS_E_CLEAR), 7);
	unpair(&p);
}

static void clear_text_that_comes_in_is_refused(void **state)
{
	struct pair p = pair(4, 3);
	uint8_t ip[2000], out[2000];
	size_t n = fix_packet(ip, &p.set.sa[0].src, &p.set.sa[0].dst, 17, 50);

	assert_int_equal(ims_ipsec_engine_in(p.pcscf, ip, n, out, sizeof out),
			 -IMS_E_CLEAR);
	unpair(&p);
}

/* A UE that puts other ports or another protocol through its own SA. */
static void foreign_ports_inside_an_own_sa_are_refused(void **state)
{
	static const struct {
		int dsport, ddport;
		uint8_t next;
		int err;
	} rows[] = {
		{1, 0, 17, IMS_E_ESP_SELECTOR},
		{0, 1, 17, IMS_E_ESP_SELECTOR},
		{1000, -1, 17, IMS_E_ESP_SELECTOR},
		{0, 0, 58, IMS_E_ESP_SELECTOR},
		{0, 0, 59, IMS_E_ESP_SELECTOR}, /* a dummy [RFC 4303 2.6] */
		{0, 0, 4, IMS_E_ESP_SELECTOR},
		{0, 0, 50, IMS_E_ESP_SELECTOR},
		{0, 0, 6, IMS_E_ESP_SHORT}, /* 16 bytes are no TCP */
		{0, 0, 17, 0},
	};
	struct pair p = pair(6, 0);
	const struct ims_ipsec_sa *sa = &p.set.sa[IMS_UC_TO_PS];
	struct ims_rand rnd = ims_rand_seeded(&seed);
	struct ims_esp *evil =
		ims_esp_new(p.set.suite, &p.set.keys, sa->spi, &rnd);
	struct ims_ipsec_count c[IMS_N_ARROWS];

	for (size_t i = 0; i < N_OF(rows); i++) {
		uint8_t ip[200], esp[200], out[200];
		struct ims_addr a = sa->src, b = sa->dst;
		int len;

		a.port = (uint16_t)(a.port + rows[i].dsport);
		b.port = (uint16_t)(b.port + rows[i].ddport);
		fix_packet(ip, &a, &b, 17, 8);
		len = ims_esp_seal(evil, rows[i].next, ip + 40, 16, esp + 40,
				   160);
		assert_true(len > 0);
		ims_packet_header(esp, sa->src.ip, sa->dst.ip, 50, (size_t)len);
		len = ims_ipsec_engine_in(p.pcscf, esp, 40 + (size_t)len, out,
					  sizeof out);
		assert_int_equal(len, rows[i].err ? -rows[i].err : 56);
	}
	assert_int_equal(ims_ipsec_engine_count(p.pcscf, 7, c), 0);
	assert_int_equal(c[IMS_UC_TO_PS].bad_selector, 7);
	assert_int_equal(c[IMS_UC_TO_PS].malformed, 1);
	assert_int_equal(c[IMS_UC_TO_PS].packets, 1);
	ims_esp_free(evil);
	unpair(&p);
}

static void another_source_is_refused_and_costs_the_real_one_nothing(void **s)
{
	uint8_t esp[2000], out[2000];
	struct pair p = pair(4, 3);
	size_t n = sealed(&p, IMS_UC_TO_PS, 17, esp, sizeof esp);

	esp[15] ^= 1;
	assert_int_equal(ims_ipsec_engine_in(p.pcscf, esp, n, out, sizeof out),
			 -IMS_E_ESP_SELECTOR);
	esp[15] ^= 1;
	assert_true(ims_ipsec_engine_in(p.pcscf, esp, n, out, sizeof out) > 0);
	unpair(&p);
}

static void fragments_are_refused_in_both_directions(void **state)
{
	uint8_t ip[2000], esp[2000], out[2000];
	struct pair p = pair(4, 3);
	size_t n = sealed(&p, IMS_UC_TO_PS, 17, esp, sizeof esp);

	esp[6] = 0x20;
	assert_int_equal(ims_ipsec_engine_in(p.pcscf, esp, n, out, sizeof out),
			 -IMS_E_ESP_SHORT);
	n = fix_packet(ip, &p.set.sa[0].src, &p.set.sa[0].dst, 17, 50);
	ip[7] = 1;
	assert_int_equal(ims_ipsec_engine_out(p.ue, ip, n, out, sizeof out),
			 -IMS_E_ESP_SHORT);
	unpair(&p);
}

static void an_unknown_spi_is_refused(void **state)
{
	uint8_t esp[2000], out[2000];
	struct pair p = pair(6, 0);
	size_t n = sealed(&p, IMS_PC_TO_US, 17, esp, sizeof esp);

	esp[40 + 3] ^= 1;
	assert_int_equal(ims_ipsec_engine_in(p.ue, esp, n, out, sizeof out),
			 -IMS_E_ESP_SPI);
	assert_int_equal(ims_ipsec_engine_drops(p.ue, IMS_E_ESP_SPI), 1);
	unpair(&p);
}

/* The end of a TCP connection comes when its SA is gone already. */
static void the_first_packets_after_the_end_of_an_sa_are_no_news(void **state)
{
	uint8_t esp[2000], out[2000];
	struct pair p = pair(6, 0);
	size_t n = sealed(&p, IMS_PC_TO_US, 6, esp, sizeof esp);

	assert_int_equal(ims_ipsec_engine_del(p.ue, 7), 0);
	for (int i = 0; i < 8; i++)
		assert_int_equal(ims_ipsec_engine_in(p.ue, esp, n, out,
						     sizeof out),
				 0);
	assert_int_equal(ims_ipsec_engine_in(p.ue, esp, n, out, sizeof out),
			 -IMS_E_ESP_SPI);
	assert_int_equal(ims_ipsec_engine_drops(p.ue, IMS_E_ESP_SPI), 1);
	assert_int_equal(ims_ipsec_engine_add(p.ue, &p.set), 0);
	assert_true(ims_ipsec_engine_in(p.ue, esp, n, out, sizeof out) > 0);
	assert_int_equal(ims_ipsec_engine_del(p.ue, 8), -IMS_E_NOTFOUND);
	unpair(&p);
}

static void all_four_sas_or_none(void **state)
{
	struct ims_ipsec_engine *e = engine();
	struct ims_ipsec_set s = fix_set(4, ims_ipsec_suites[2], true), t;

	assert_int_equal(ims_ipsec_engine_add(e, &s), 0);
	assert_int_equal(ims_ipsec_engine_add(e, &s), -IMS_E_EXISTS);
	t = s;
	t.id = 8;
	assert_int_equal(ims_ipsec_engine_add(e, &t), -IMS_E_SPI_TAKEN);
	/* New ports, but one SPI of ours is in use; then the last selector. */
	for (int a = 0; a < IMS_N_ARROWS; a++) {
		t.sa[a].src.port = (uint16_t)(t.sa[a].src.port + 100);
		t.sa[a].dst.port = (uint16_t)(t.sa[a].dst.port + 100);
	}
	t.sa[IMS_PS_TO_UC].spi += 100;
	assert_int_equal(ims_ipsec_engine_add(e, &t), -IMS_E_SPI_TAKEN);
	t.sa[IMS_PC_TO_US].spi += 100;
	t.sa[IMS_US_TO_PC].src = s.sa[IMS_US_TO_PC].src;
	t.sa[IMS_US_TO_PC].dst = s.sa[IMS_US_TO_PC].dst;
	assert_int_equal(ims_ipsec_engine_add(e, &t), -IMS_E_SPI_TAKEN);
	assert_int_equal(ims_ipsec_engine_size(e), 1);
	/* Nothing of the refused ones is left: a good one fits. */
	t.sa[IMS_US_TO_PC].src.port++;
	assert_int_equal(ims_ipsec_engine_add(e, &t), 0);
	assert_int_equal(ims_ipsec_engine_size(e), 2);
	ims_ipsec_engine_free(e);
}

static void a_set_that_cannot_be_is_refused(void **state)
{
	struct ims_ipsec_engine *e = engine();
	struct ims_ipsec_set s = fix_set(4, ims_ipsec_suites[2], true), t;

	t = s;
	t.id = 0;
	assert_int_equal(ims_ipsec_engine_add(e, &t), -IMS_E_RANGE);
	t = s;
	t.sa[2].dst.ip = fix_ip("2001:db8::1");
	assert_int_equal(ims_ipsec_engine_add(e, &t), -IMS_E_RANGE);
	t = s;
	t.suite.alg = IMS_ALG_NULL;
	assert_int_equal(ims_ipsec_engine_add(e, &t), -IMS_E_ALGO);
	t = s; /* both inbound SPIs the same */
	t.sa[IMS_PS_TO_UC].spi = t.sa[IMS_PC_TO_US].spi;
	assert_int_equal(ims_ipsec_engine_add(e, &t), -IMS_E_SPI_TAKEN);
	assert_int_equal(ims_ipsec_engine_size(e), 0);
	assert_int_equal(ims_ipsec_engine_add(e, &s), 0);
	ims_ipsec_engine_free(e);
}

static void no_packet_grows_beyond_what_ip_can_say(void **state)
{
	static uint8_t ip[66000], out[67000];
	struct pair p = pair(4, 0);
	size_t n = fix_packet(ip, &p.set.sa[0].src, &p.set.sa[0].dst, 6,
			      65535 - 40);

	assert_int_equal(ims_ipsec_engine_out(p.ue, ip, n, out, sizeof out),
			 -IMS_E_TOOBIG);
	n = fix_packet(ip, &p.set.sa[0].src, &p.set.sa[0].dst, 6, 65000);
	assert_true(ims_ipsec_engine_out(p.ue, ip, n, out, sizeof out) > 65000);
	assert_int_equal(ims_ipsec_engine_out(p.ue, ip, n, out, 19),
			 -IMS_E_TOOBIG);
	assert_int_equal(ims_ipsec_engine_out(p.ue, ip, n, out, 65000),
			 -IMS_E_TOOBIG);
	unpair(&p);
}

static void counts_what_passed_and_what_did_not(void **state)
{
	uint8_t esp[2000], out[2000];
	struct pair p = pair(6, 3);
	struct ims_ipsec_count c[IMS_N_ARROWS];
	size_t n = sealed(&p, IMS_UC_TO_PS, 17, esp, sizeof esp);

	ims_ipsec_engine_in(p.pcscf, esp, n, out, sizeof out);
	ims_ipsec_engine_in(p.pcscf, esp, n, out, sizeof out);
	esp[47] ^= 2;
	ims_ipsec_engine_in(p.pcscf, esp, n, out, sizeof out);
	assert_int_equal(ims_ipsec_engine_count(p.pcscf, 7, c), 0);
	assert_int_equal(c[IMS_UC_TO_PS].packets, 1);
	assert_int_equal(c[IMS_UC_TO_PS].bytes, 8 + 700);
	assert_int_equal(c[IMS_UC_TO_PS].replayed, 1);
	assert_int_equal(c[IMS_UC_TO_PS].bad_icv, 1);
	assert_int_equal(c[IMS_PC_TO_US].packets, 0);
	assert_int_equal(ims_ipsec_engine_count(p.ue, 7, c), 0);
	assert_int_equal(c[IMS_UC_TO_PS].packets, 1);
	assert_int_equal(c[IMS_UC_TO_PS].bytes, 8 + 700);
	assert_int_equal(ims_ipsec_engine_count(p.ue, 9, c), -IMS_E_NOTFOUND);
	assert_int_equal(ims_ipsec_engine_drops(p.pcscf, IMS_E_LAST), 0);
	assert_int_equal(ims_ipsec_engine_drops(p.pcscf, -1), 0);
	unpair(&p);
}

static void thousands_of_sets_find_their_own(void **state)
{
	struct ims_ipsec_engine *u = engine(), *p = engine();
	struct ims_ipsec_set s = fix_set(6, ims_ipsec_suites[3], true), t;
	uint8_t ip[300], esp[400], out[400];

	for (uint32_t i = 1; i <= 3000; i++) {
		s.id = i;
		for (int a = 0; a < IMS_N_ARROWS; a++) {
			struct ims_ip *ue =
				a == IMS_UC_TO_PS || a == IMS_US_TO_PC
					? &s.sa[a].src.ip
					: &s.sa[a].dst.ip;

			ue->b[10] = (uint8_t)(i >> 8);
			ue->b[11] = (uint8_t)i;
			s.sa[a].spi = 1000 + i * 4 + (uint32_t)a;
		}
		assert_int_equal(ims_ipsec_engine_add(u, &s), 0);
		t = s;
		t.ue = false;
		assert_int_equal(ims_ipsec_engine_add(p, &t), 0);
		if (i % 100)
			continue;
		size_t n = fix_packet(ip, &s.sa[0].src, &s.sa[0].dst, 17, 99);
		int len = ims_ipsec_engine_out(u, ip, n, esp, sizeof esp);

		assert_true(len > 0);
		assert_int_equal(ims_ipsec_engine_in(p, esp, (size_t)len, out,
						     sizeof out),
				 n);
	}
	for (uint32_t i = 1; i <= 3000; i += 2)
		assert_int_equal(ims_ipsec_engine_del(p, i), 0);
	assert_int_equal(ims_ipsec_engine_size(p), 1500);
	ims_ipsec_engine_free(u);
	ims_ipsec_engine_free(p);
	ims_ipsec_engine_free(NULL);
}

/* --- counters that outlive the process --- */

static struct ims_ipsec_set network_set(void)
{
	return fix_set(6, ims_ipsec_suites[0], false);
}

static struct ims_ipsec_engine *adopt(struct ims_ipsec_live *live)
{
	struct ims_ipsec_set set = network_set();
	struct ims_ipsec_engine *e = engine();

	set.live = live;
	set.adopt = true;
	assert_int_equal(ims_ipsec_engine_add(e, &set), 0);
	return e;
}

static void a_new_set_starts_at_zero_whatever_stood_there(void **state)
{
	struct ims_ipsec_live live;
	struct ims_ipsec_set set = network_set();
	struct ims_ipsec_engine *e = engine();

	memset(&live, 0xff, sizeof live);
	set.live = &live;
	assert_int_equal(ims_ipsec_engine_add(e, &set), 0);
	assert_int_equal(live.sa[IMS_PS_TO_UC].seq, 0);
	assert_int_equal(live.sa[IMS_UC_TO_PS].window.top, 0);
	ims_ipsec_engine_free(e);
}

/* The engine is thrown away at some packet, and the next goes on: the peer
 * takes every packet, and no packet of the peer's is taken twice.
 */
static void an_adopted_set_goes_on_where_the_last_process_ended(void **state)
{
	struct ims_ipsec_live live = {0};
	struct pair p = pair(6, 0);
	uint8_t esp[2000], got[2000];
	size_t n;

	ims_ipsec_engine_free(p.pcscf);
	p.pcscf = adopt(&live);
	for (int round = 1; round <= 5; round++) {
		one_way(&p, IMS_PS_TO_UC, 17);
		one_way(&p, IMS_PC_TO_US, 6);
		n = sealed(&p, IMS_UC_TO_PS, 17, esp, sizeof esp);
		assert_true(ims_ipsec_engine_in(p.pcscf, esp, n, got,
						sizeof got) > 0);
		assert_int_equal(live.sa[IMS_PS_TO_UC].seq, round);
		assert_int_equal(live.sa[IMS_UC_TO_PS].window.top, round);

		ims_ipsec_engine_free(p.pcscf);
		p.pcscf = adopt(&live);
		assert_int_equal(ims_ipsec_engine_in(p.pcscf, esp, n, got,
						     sizeof got),
				 -IMS_E_ESP_REPLAY);
	}
	unpair(&p);
}

/* It ends after the number was taken and before the packet left. */
static void a_number_that_was_taken_is_never_used_again(void **state)
{
	struct ims_ipsec_live live = {0};
	struct ims_ipsec_engine *e = adopt(&live);
	struct pair p = {.pcscf = e,
			 .set = fix_set(6, ims_ipsec_suites[0], true)};
	uint8_t ip[1700], small[100];
	size_t n = fix_packet(ip, &p.set.sa[IMS_PS_TO_UC].src,
			      &p.set.sa[IMS_PS_TO_UC].dst, 17, 700);
	uint8_t first[2000], second[2000];
	struct ims_packet a, b;

	assert_true(ims_ipsec_engine_out(e, ip, n, first, sizeof first) > 0);
	assert_int_equal(ims_ipsec_engine_out(e, ip, n, small, sizeof small),
			 -IMS_E_TOOBIG);
	ims_ipsec_engine_free(e);
	e = adopt(&live);
	assert_true(ims_ipsec_engine_out(e, ip, n, second, sizeof second) > 0);
	assert_int_equal(ims_packet_parse(first, sizeof first, &a), 0);
	assert_int_equal(ims_packet_parse(second, sizeof second, &b), 0);
	assert_memory_not_equal(a.payload + 4, b.payload + 4, 4);
	ims_ipsec_engine_free(e);
}

static void nothing_is_adopted_without_its_counters(void **state)
{
	struct ims_ipsec_set set = network_set();
	struct ims_ipsec_engine *e = engine();

	set.adopt = true;
	assert_int_equal(ims_ipsec_engine_add(e, &set), -IMS_E_NOTFOUND);
	assert_int_equal(ims_ipsec_engine_size(e), 0);
	ims_ipsec_engine_free(e);
}

/* Whatever stands in the file: no crash, and no number below it. */
static void counters_of_an_enemy_do_no_harm(void **state)
{
	struct ims_ipsec_live live;
	struct pair p = pair(6, 0);
	uint8_t esp[2000], got[2000], ip[1700];
	size_t n = fix_packet(ip, &p.set.sa[IMS_PS_TO_UC].src,
			      &p.set.sa[IMS_PS_TO_UC].dst, 17, 700);

	ims_ipsec_engine_free(p.pcscf);
	memset(&live, 0xff, sizeof live);
	p.pcscf = adopt(&live);
	assert_int_equal(ims_ipsec_engine_out(p.pcscf, ip, n, esp, sizeof esp),
			 -IMS_E_ESP_REPLAY);
	n = sealed(&p, IMS_UC_TO_PS, 17, esp, sizeof esp);
	assert_int_equal(ims_ipsec_engine_in(p.pcscf, esp, n, got, sizeof got),
			 -IMS_E_ESP_REPLAY);
	unpair(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			all_suites_carry_udp_and_tcp_over_ipv4_and_ipv6),
		cmocka_unit_test(a_bit_flipped_anywhere_is_refused),
		cmocka_unit_test(what_no_sa_covers_is_not_sent),
		cmocka_unit_test(clear_text_that_comes_in_is_refused),
		cmocka_unit_test(foreign_ports_inside_an_own_sa_are_refused),
		cmocka_unit_test(
			another_source_is_refused_and_costs_the_real_one_nothing),
		cmocka_unit_test(fragments_are_refused_in_both_directions),
		cmocka_unit_test(an_unknown_spi_is_refused),
		cmocka_unit_test(
			the_first_packets_after_the_end_of_an_sa_are_no_news),
		cmocka_unit_test(all_four_sas_or_none),
		cmocka_unit_test(a_set_that_cannot_be_is_refused),
		cmocka_unit_test(no_packet_grows_beyond_what_ip_can_say),
		cmocka_unit_test(counts_what_passed_and_what_did_not),
		cmocka_unit_test(thousands_of_sets_find_their_own),
		cmocka_unit_test(a_new_set_starts_at_zero_whatever_stood_there),
		cmocka_unit_test(
			an_adopted_set_goes_on_where_the_last_process_ended),
		cmocka_unit_test(a_number_that_was_taken_is_never_used_again),
		cmocka_unit_test(nothing_is_adopted_without_its_counters),
		cmocka_unit_test(counters_of_an_enemy_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
