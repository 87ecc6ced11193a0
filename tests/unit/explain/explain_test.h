/* SPDX-License-Identifier: BSD-2-Clause */
/* explain_test.h - the eight messages of the seed, with the addresses, ports
 * and SPIs that they had.
 */
#ifndef IMS_EXPLAIN_TEST_H
#define IMS_EXPLAIN_TEST_H

#include "base_hex.h"
#include "explain_steps.h"

#include "test.h"

#define UE "2001::1:d1ae:bb37:d9c9:81d0"
#define PCSCF "2001:0:0:1::2"
#define SPI_UC 565817
#define SPI_US 565818
#define SPI_PC 3458785863
#define SPI_PS 2821032177

struct seed_msg {
	char text[4096];
	struct ims_sight sight;
};
struct seed {
	struct seed_msg m[IMS_STEPS];
};

static inline struct ims_addr at(const char *ip, uint16_t port)
{
	struct ims_addr a = {.port = port};

	assert_int_equal(ims_ip_parse(ims_str(ip), &a.ip), 0);
	return a;
}

static inline void seed_file(struct seed *s, unsigned i, const char *name)
{
	char path[64];
	size_t n = 0;
	char *mem;

	snprintf(path, sizeof path, "seed/%s", name);
	mem = test_read("IMS_TEST_DATA", path, &n);
	assert_non_null(mem);
	assert_true(n < sizeof s->m[i].text);
	memcpy(s->m[i].text, mem, n + 1);
	s->m[i].sight.bytes = ims_str_n(s->m[i].text, n);
	free(mem);
}

static inline void seed_load(struct seed *s)
{
	/* clang-format off */
	static const struct {
		const char *name;
		bool from_ue;
		uint16_t ue, pcscf;
		enum ims_transport transport;
		uint32_t spi;
	} rows[IMS_STEPS] = {
		{"1-register.sip", true, 42368, 5060, IMS_TCP, 0},
		{"2-401.sip", false, 42368, 5060, IMS_TCP, 0},
		{"3-register-protected.sip", true, 38003, 50718, IMS_TCP, SPI_PS},
		{"4-200.sip", false, 38003, 50718, IMS_TCP, SPI_UC},
		{"5-subscribe.sip", true, 38003, 50718, IMS_UDP, SPI_PS},
		{"6-200.sip", false, 39003, 50717, IMS_UDP, SPI_US},
		{"7-notify.sip", false, 39003, 50717, IMS_UDP, SPI_US},
		{"8-200.sip", true, 38003, 50718, IMS_UDP, SPI_PS},
	};
	/* clang-format on */

	for (unsigned i = 0; i < IMS_STEPS; i++) {
		struct ims_sight *g = &s->m[i].sight;
		struct ims_addr ue = at(UE, rows[i].ue);
		struct ims_addr p = at(PCSCF, rows[i].pcscf);

		seed_file(s, i, rows[i].name);
		g->from_ue = rows[i].from_ue;
		g->src = g->from_ue ? ue : p;
		g->dst = g->from_ue ? p : ue;
		g->transport = rows[i].transport;
		g->spi = rows[i].spi;
	}
}

/* In message i (1..8): the first `from` becomes `to`. */
static inline void seed_edit(struct seed *s, unsigned i, const char *from,
			     const char *to)
{
	struct seed_msg *m = &s->m[i - 1];
	char *p = strstr(m->text, from), rest[4096];

	assert_non_null(p);
	snprintf(rest, sizeof rest, "%s", p + strlen(from));
	snprintf(p, sizeof m->text - (size_t)(p - m->text), "%s%s", to, rest);
	m->sight.bytes = ims_str(m->text);
}

static inline struct ims_aka_key seed_key(void)
{
	struct ims_aka_key key;
	uint8_t k[16];

	assert_int_equal(
		ims_hex_get_n(IMS_S("00112233445566778899aabbccddeeff"), k, 16),
		0);
	assert_int_equal(ims_aka_key_init(&key, IMS_AKA_XOR, k, 16), 0);
	return key;
}

#endif
