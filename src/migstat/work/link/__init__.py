"""Link: records become persons by what identifies them, directly or through one another."""
