/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_sip_frame.c - a stream: cut into messages, all at once and byte by
 * byte, which must give the same messages.
 */
#include <stdlib.h>

#include "sip_frame.h"
#include "sip_msg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

/* As if only `have` bytes had come, then more and more. */
static int next_slowly(struct ims_str rest, struct ims_sip_frame *f)
{
	int err = 0;

	for (size_t have = 1; have <= rest.n; have++) {
		err = ims_sip_frame(ims_str_n(rest.p, have), f);
		if (err || f->kind != IMS_SIP_FRAME_MORE)
			break;
	}
	return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ims_sip_msg m;
	struct ims_str rest = ims_str_n(data, size);
	struct ims_sip_frame f, slow;

	while (rest.n && ims_sip_frame(rest, &f) == 0 &&
	       f.kind != IMS_SIP_FRAME_MORE) {
		check(f.used > 0 && f.used <= rest.n);
		if (f.kind == IMS_SIP_FRAME_MSG) {
			check(f.msg.p == rest.p && f.msg.n == f.used);
			if (ims_sip_msg_parse(f.msg, &m, NULL) == 0)
				check(m.raw.n == f.msg.n);
			if (rest.n < 400 && next_slowly(rest, &slow) == 0)
				check(slow.kind == IMS_SIP_FRAME_MSG &&
				      slow.used == f.used);
		}
		rest = ims_str_from(rest, f.used);
	}
	return 0;
}
