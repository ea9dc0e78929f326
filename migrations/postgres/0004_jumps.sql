-- The target through which another one is reached. One that others are reached through cannot be deleted.
alter table targets add column jump text constraint targets_jump_fkey references targets (name);
