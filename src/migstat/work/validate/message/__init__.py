"""Rules for data messages: what a structure of SDMX demands of the data that are sent under it, SS01 to SS13."""

from migstat.work.validate.message.rules import MessageRules, message_rules

__all__ = ["MessageRules", "message_rules"]
