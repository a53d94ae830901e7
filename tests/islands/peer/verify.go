// Reads a log of an island with the libraries that Go's checksum database is verified with, and none of our code.
//
//	verify FOLDER ORIGIN/EPOCH VERIFIER-KEY [OLD-CHECKPOINT-FILE]
//
// FOLDER holds the files as they are published. Every entry is checked against the signed root, through the tiles; with
// an older checkpoint also that the log only grew. The last line is "ok SIZE REMOVED".
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8 // C2SP tlog-tiles: 256 hashes a tile

// tiles reads hash tiles from a folder, under the names of C2SP tlog-tiles.
type tiles struct{ folder string }

func (t tiles) Height() int { return height }

func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func (t tiles) ReadTiles(asked []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range asked {
		// Go's own database puts the height into the path, C2SP left it out.
		raw, err := os.ReadFile(filepath.Join(t.folder, strings.Replace(tile.Path(), "tile/8/", "tile/", 1)))
		if err != nil {
			return nil, err
		}
		found = append(found, raw)
	}
	return found, nil
}

func checkpoint(path, name, key string) (tlog.Tree, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return tlog.Tree{}, err
	}
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return tlog.Tree{}, err
	}
	signed, err := note.Open(raw, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(signed.Text, "\n")
	if len(lines) < 4 || lines[0] != name || verifier.Name() != name {
		return tlog.Tree{}, fmt.Errorf("checkpoint: expected origin, size and root of %s", name)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return tlog.Tree{}, fmt.Errorf("checkpoint: expected a root of 32 bytes")
	}
	tree := tlog.Tree{N: size}
	copy(tree.Hash[:], root)
	return tree, nil
}

func entries(folder string, number, size int64) ([][]byte, error) {
	width := size - number*256
	if width > 256 {
		width = 256
	}
	tile := tlog.Tile{H: height, L: -1, N: number, W: int(width)}
	path := strings.Replace(tile.Path(), "tile/8/data/", "tile/entries/", 1)
	raw, err := os.ReadFile(filepath.Join(folder, path))
	if err != nil {
		return nil, err
	}
	var found [][]byte
	for len(raw) >= 2 {
		length := int(binary.BigEndian.Uint16(raw))
		if len(raw) < 2+length {
			break
		}
		found = append(found, raw[2:2+length])
		raw = raw[2+length:]
	}
	if len(raw) != 0 || int64(len(found)) != width {
		return nil, fmt.Errorf("%s: expected %d entries", path, width)
	}
	return found, nil
}

func run() error {
	folder, name, key := filepath.Join(os.Args[1], os.Args[2]), "releve/"+os.Args[2], os.Args[3]
	tree, err := checkpoint(filepath.Join(folder, "checkpoint"), name, key)
	if err != nil {
		return err
	}
	hashes := tlog.TileHashReader(tree, tiles{folder})
	removed := 0
	for number := int64(0); number*256 < tree.N; number++ {
		found, err := entries(folder, number, tree.N)
		if err != nil {
			return err
		}
		var places []int64
		for offset := range found {
			places = append(places, tlog.StoredHashIndex(0, number*256+int64(offset)))
		}
		leaves, err := hashes.ReadHashes(places) // authenticated against the signed root by the library
		if err != nil {
			return err
		}
		for offset, entry := range found {
			if len(entry) == 0 {
				removed++
			} else if tlog.RecordHash(entry) != leaves[offset] {
				return fmt.Errorf("entry %d: expected bytes that give its leaf", number*256+int64(offset))
			}
		}
	}
	last := tree.N - 1
	leaf, err := hashes.ReadHashes([]int64{tlog.StoredHashIndex(0, last)})
	if err != nil {
		return err
	}
	proof, err := tlog.ProveRecord(tree.N, last, hashes)
	if err != nil {
		return err
	}
	if err := tlog.CheckRecord(proof, tree.N, tree.Hash, last, leaf[0]); err != nil {
		return err
	}
	if len(os.Args) > 4 {
		old, err := checkpoint(os.Args[4], name, key)
		if err != nil {
			return err
		}
		grown, err := tlog.ProveTree(tree.N, old.N, hashes)
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(grown, tree.N, tree.Hash, old.N, old.Hash); err != nil {
			return err
		}
	}
	fmt.Println("ok", tree.N, removed)
	return nil
}

func main() {
	if len(os.Args) < 4 {
		fmt.Fprintln(os.Stderr, "verify FOLDER ORIGIN/EPOCH VERIFIER-KEY [OLD-CHECKPOINT-FILE]")
		os.Exit(2)
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
