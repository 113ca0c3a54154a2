;; Dot products of rows of signed bytes with a query, 16 bytes at a time (SIMD). dot-bytes.ts holds this module
;; compiled; a test compiles it again and compares.
;;
;; $row, $query, $out are addresses in the memory; $stride is the length of a row and of the query in bytes, a
;; multiple of 16. Bytes lie in [-127, 127], so that two products fit into 16 bits. Writes $count sums of 32 bits.
(module
  (memory (export "memory") 8 8)
  (func (export "dot") (param $row i32) (param $count i32) (param $stride i32) (param $query i32) (param $out i32)
    (local $end i32) (local $at i32) (local $rowEnd i32) (local $sum v128) (local $a v128) (local $b v128)
    (local.set $end (i32.add (local.get $row) (i32.mul (local.get $count) (local.get $stride))))
    (block $done
      (loop $rows
        (br_if $done (i32.ge_u (local.get $row) (local.get $end)))
        (local.set $rowEnd (i32.add (local.get $row) (local.get $stride)))
        (local.set $at (local.get $query))
        (local.set $sum (v128.const i32x4 0 0 0 0))
        (loop $bytes
          (local.set $a (v128.load (local.get $row)))
          (local.set $b (v128.load (local.get $at)))
          (local.set $sum
            (i32x4.add
              (local.get $sum)
              (i32x4.extadd_pairwise_i16x8_s
                (i16x8.add
                  (i16x8.extmul_low_i8x16_s (local.get $a) (local.get $b))
                  (i16x8.extmul_high_i8x16_s (local.get $a) (local.get $b))))))
          (local.set $row (i32.add (local.get $row) (i32.const 16)))
          (local.set $at (i32.add (local.get $at) (i32.const 16)))
          (br_if $bytes (i32.lt_u (local.get $row) (local.get $rowEnd))))
        (i32.store
          (local.get $out)
          (i32.add
            (i32.add (i32x4.extract_lane 0 (local.get $sum)) (i32x4.extract_lane 1 (local.get $sum)))
            (i32.add (i32x4.extract_lane 2 (local.get $sum)) (i32x4.extract_lane 3 (local.get $sum)))))
        (local.set $out (i32.add (local.get $out) (i32.const 4)))
        (br $rows)))))
