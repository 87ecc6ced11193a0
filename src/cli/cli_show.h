/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_show.h - messages as they pass: a ladder for people, JSON for scripts.
 *
 * Shared by demo, ue and core.  One JSON object a line:
 *	{"v":1,"event":"message","step":3,"from":"ue","to":"p-cscf",
 *	 "method":"REGISTER","status":null,"transport":"tcp",
 *	 "src":"[2001:db8::1]:38003","dst":"...","protected":true,
 *	 "spi":2821032177,"note":"...","ok":true}
 */
#ifndef IMS_CLI_SHOW_H
#define IMS_CLI_SHOW_H

#include "explain_ladder.h"

struct ims_cli_show {
	bool json;
	struct ims_ladder ladder;
};
/* Colour and box drawing as the terminal (standard output) can take them. */
void ims_cli_show_init(struct ims_cli_show *s, bool json);
void ims_cli_show_message(struct ims_cli_show *s, unsigned number,
			  const struct ims_sight *m,
			  const struct ims_step *step,
			  const struct ims_secagree *agreed, uint64_t wall_ms);
/* {"v":1,"event":"result","ok":...,"id":...,"why":...} */
void ims_cli_show_result(bool ok, int err, const char *why, unsigned messages);

#endif
