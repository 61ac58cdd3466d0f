;; One block of LZ4 into its bytes (LZ4 block format, https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md).
;; Copies go on for up to 16 bytes behind what they should, so there must be room behind both ends.
(module
  (memory (export "memory") 1)

  ;; Unfolds the bytes from $in to $inEnd to $out, no further than $outEnd; what lies from $first to $out was
  ;; unfolded before. Gives where the output ends, or 0 when the block is malformed.
  (func (export "unfold")
    (param $in i32) (param $inEnd i32) (param $first i32) (param $out i32) (param $outEnd i32) (result i32)
    (local $token i32) (local $length i32) (local $byte i32) (local $from i32) (local $stop i32) (local $offset i32)
    (loop $sequence
      (if (i32.ge_u (local.get $in) (local.get $inEnd)) (then (return (i32.const 0))))
      (local.set $token (i32.load8_u (local.get $in)))
      (local.set $in (i32.add (local.get $in) (i32.const 1)))

      ;; Literals.
      (local.set $length (i32.shr_u (local.get $token) (i32.const 4)))
      (if (i32.eq (local.get $length) (i32.const 15)) (then
        (loop $more
          (if (i32.ge_u (local.get $in) (local.get $inEnd)) (then (return (i32.const 0))))
          (local.set $byte (i32.load8_u (local.get $in)))
          (local.set $in (i32.add (local.get $in) (i32.const 1)))
          (local.set $length (i32.add (local.get $length) (local.get $byte)))
          (br_if $more (i32.eq (local.get $byte) (i32.const 255))))))
      (if (i32.gt_u (local.get $length) (i32.sub (local.get $inEnd) (local.get $in))) (then (return (i32.const 0))))
      (if (i32.gt_u (local.get $length) (i32.sub (local.get $outEnd) (local.get $out))) (then (return (i32.const 0))))
      (local.set $stop (i32.add (local.get $out) (local.get $length)))
      (local.set $from (local.get $in))
      (loop $copy
        (v128.store (local.get $out) (v128.load (local.get $from)))
        (local.set $out (i32.add (local.get $out) (i32.const 16)))
        (local.set $from (i32.add (local.get $from) (i32.const 16)))
        (br_if $copy (i32.lt_u (local.get $out) (local.get $stop))))
      (local.set $out (local.get $stop))
      (local.set $in (i32.add (local.get $in) (local.get $length)))
      (if (i32.eq (local.get $in) (local.get $inEnd)) (then (return (local.get $out))))

      ;; A match: bytes that came before.
      (if (i32.lt_u (i32.sub (local.get $inEnd) (local.get $in)) (i32.const 2)) (then (return (i32.const 0))))
      (local.set $offset (i32.load16_u (local.get $in)))
      (local.set $in (i32.add (local.get $in) (i32.const 2)))
      (if (i32.eqz (local.get $offset)) (then (return (i32.const 0))))
      (if (i32.gt_u (local.get $offset) (i32.sub (local.get $out) (local.get $first))) (then (return (i32.const 0))))
      (local.set $length (i32.and (local.get $token) (i32.const 15)))
      (if (i32.eq (local.get $length) (i32.const 15)) (then
        (loop $more
          (if (i32.ge_u (local.get $in) (local.get $inEnd)) (then (return (i32.const 0))))
          (local.set $byte (i32.load8_u (local.get $in)))
          (local.set $in (i32.add (local.get $in) (i32.const 1)))
          (local.set $length (i32.add (local.get $length) (local.get $byte)))
          (br_if $more (i32.eq (local.get $byte) (i32.const 255))))))
      (local.set $length (i32.add (local.get $length) (i32.const 4)))
      (if (i32.gt_u (local.get $length) (i32.sub (local.get $outEnd) (local.get $out))) (then (return (i32.const 0))))
      (local.set $from (i32.sub (local.get $out) (local.get $offset)))
      (local.set $stop (i32.add (local.get $out) (local.get $length)))
      (if (i32.ge_u (local.get $offset) (i32.const 16))
        (then
          (loop $copy
            (v128.store (local.get $out) (v128.load (local.get $from)))
            (local.set $out (i32.add (local.get $out) (i32.const 16)))
            (local.set $from (i32.add (local.get $from) (i32.const 16)))
            (br_if $copy (i32.lt_u (local.get $out) (local.get $stop)))))
        (else
          (loop $copy
            (i32.store8 (local.get $out) (i32.load8_u (local.get $from)))
            (local.set $out (i32.add (local.get $out) (i32.const 1)))
            (local.set $from (i32.add (local.get $from) (i32.const 1)))
            (br_if $copy (i32.lt_u (local.get $out) (local.get $stop))))))
      (local.set $out (local.get $stop))
      (br $sequence))
    (unreachable)))
