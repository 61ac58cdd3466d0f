/** The servers of the local stack, pinned: one place to change when one of them moves on. */
export const TEMPORAL_CLI_VERSION = '1.5.1'
export const QUESTDB_VERSION = '9.3.4'
export const VERSITYGW_VERSION = '1.8.0'

/** Oldest Java that QuestDB runs on. */
export const MIN_JAVA = 17
