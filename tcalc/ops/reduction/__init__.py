"""Operations that reduce or scan dimensions."""
