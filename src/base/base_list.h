/* SPDX-License-Identifier: BSD-2-Clause */
/* base_list.h - intrusive doubly linked list; no allocation, no ownership. */
#ifndef IMS_BASE_LIST_H
#define IMS_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct ims_list {
	struct ims_list *prev, *next;
};

/* The object that holds this list node as member. */
#define ims_container(node, type, member) \
	((type *)(void *)((char *)(node)-offsetof(type, member)))

/* pos: struct ims_list *.  The body may remove pos. */
#define ims_list_each(pos, head)                                        \
	for (struct ims_list *pos = (head)->next, *pos##_n = pos->next; \
	     pos != (head); pos = pos##_n, pos##_n = pos##_n->next)

void ims_list_init(struct ims_list *head);
/* At the end. */
void ims_list_add(struct ims_list *head, struct ims_list *node);
/* Takes it out; harmless on a node that is in no list and on a zeroed one. */
void ims_list_del(struct ims_list *node);
bool ims_list_empty(const struct ims_list *head);

#endif
