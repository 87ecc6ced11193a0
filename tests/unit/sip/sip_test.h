/* SPDX-License-Identifier: BSD-2-Clause */
/* sip_test.h - what the tests of this module share. */
#ifndef SIP_TEST_H
#define SIP_TEST_H

#include <sys/mman.h>
#include <unistd.h>

#include "base_str.h"

#include "test.h"

/* The same bytes at the end of readable memory: reading one more crashes.
 * The last call's place is used again.
 */
static inline struct ims_str fence(struct ims_str s)
{
	static char *map;
	const size_t room = 1 << 20;

	if (!map) {
		map = mmap(NULL, room + 65536, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		assert_true(map != MAP_FAILED);
		assert_int_equal(mprotect(map + room, 65536, PROT_NONE), 0);
	}
	assert_true(s.n <= room);
	if (s.n)
		memcpy(map + room - s.n, s.p, s.n);
	return (struct ims_str){map + room - s.n, s.n};
}

/* A message with the mandatory headers of a REGISTER, and these lines. */
static inline struct ims_str with_lines(const char *lines)
{
	static char text[1 << 17];
	int n = snprintf(text, sizeof text,
			 "REGISTER sip:ims.example.com SIP/2.0\r\n"
			 "Via: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKa\r\n"
			 "From: <sip:a@ims.example.com>;tag=1\r\n"
			 "To: <sip:a@ims.example.com>\r\n"
			 "Call-ID: c1\r\n"
			 "CSeq: 1 REGISTER\r\n"
			 "%s\r\n",
			 lines);

	assert_true(n > 0 && (size_t)n < sizeof text);
	return fence((struct ims_str){text, (size_t)n});
}

#endif
